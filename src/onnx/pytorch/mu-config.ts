import {z} from 'zod'
import {SlmError} from '../../errors.ts'
import type {NetworkShape} from '../network/shape.ts'

const count = z.int().positive()

/** The fields of the paper's configuration class (github.com/microsoft/encoder-decoder-slm). */
const muConfigSchema = z.object({
  n_encoder_layer: count,
  n_decoder_layer: count,
  n_embd: count,
  /** Width of all query heads together; null means `n_embd`. */
  qkv_embd: count.nullish(),
  /** true: query head h reads key head floor(h / group), as everybody else does; false: h mod key heads. */
  is_interleaved: z.boolean().default(false),
  hidden_dim: count,
  n_head: count,
  n_kv_head: count.nullish(),
  block_size: count,
  rope_theta: z.number().positive().default(10_000),
  rope_factor: z.number().min(1).default(1),
  pad_token_id: z.int().nonnegative().default(0),
  vocab_size: count,
})
export type MuConfig = z.infer<typeof muConfigSchema>

/** Checks a configuration that came from outside. `origin` is the file it came from. */
export function parseMuConfig(value: unknown, origin: string): MuConfig {
  const parsed = muConfigSchema.safeParse(value)
  if (!parsed.success) {
    const [issue] = parsed.error.issues
    throw new SlmError(
      'mu-config-broken',
      `${origin}: ${issue?.path.join('.') || 'the configuration'}: ${issue?.message ?? 'is not one'}`,
      {hint: "Expected are the fields of the paper's configuration: n_encoder_layer, n_embd, n_head, ..."},
    )
  }
  const config = parsed.data
  const queries = config.qkv_embd ?? config.n_embd
  const refuse = (what: string): SlmError => new SlmError('mu-config-broken', `${origin}: ${what}`)
  if (queries % config.n_head !== 0) throw refuse(`${queries} is not a multiple of n_head ${config.n_head}`)
  if ((queries / config.n_head) % 2 !== 0)
    throw refuse(`a head of ${queries / config.n_head} cannot be halved`)
  const keyHeads = config.n_kv_head ?? config.n_head
  if (config.n_head % keyHeads !== 0)
    throw refuse(`n_head ${config.n_head} is not a multiple of n_kv_head ${keyHeads}`)
  return config
}

export function muShape(config: MuConfig, hasBiases: boolean): NetworkShape {
  return {
    vocabulary: config.vocab_size,
    width: config.n_embd,
    heads: config.n_head,
    keyValueHeads: config.n_kv_head ?? config.n_head,
    headSize: (config.qkv_embd ?? config.n_embd) / config.n_head,
    feedForward: config.hidden_dim,
    encoderLayers: config.n_encoder_layer,
    decoderLayers: config.n_decoder_layer,
    contextLength: config.block_size,
    ropeTheta: config.rope_theta,
    ropeFactor: config.rope_factor,
    hasBiases,
    padToken: config.pad_token_id,
  }
}
