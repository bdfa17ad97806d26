import type {DecodeHooks} from '../../src/decode/decode-all.ts'
import {decodeAll} from '../../src/decode/decode-all.ts'
import type {DecodeLimits} from '../../src/decode/decode-run.ts'
import {DEFAULT_SETTINGS, type GenerationSettings} from '../../src/decode/generation-settings.ts'
import type {LanguageModel} from '../../src/engine/language-model.ts'
import type {DecodedRow, DecodeEvent, DecodeOptions} from '../../src/inference/protocol.ts'

export interface Asked {
  readonly generation?: Partial<GenerationSettings>
  readonly batchSize?: number | 'auto'
  readonly topLogits?: number
  readonly logprobs?: boolean
  readonly seed?: number
  readonly hooks?: DecodeHooks
  readonly limits?: DecodeLimits
}

/** All events of decoding these prompts; row i has key i and seed i. */
export async function decodeEvents(
  model: LanguageModel,
  prompts: readonly (readonly number[])[],
  asked: Asked = {},
): Promise<DecodeEvent[]> {
  const options: DecodeOptions = {
    generation: {
      ...DEFAULT_SETTINGS,
      eos_token_id: [...model.facts.tokens.end],
      max_new_tokens: 12,
      ...asked.generation,
    },
    batchSize: asked.batchSize ?? 4,
    topLogits: asked.topLogits ?? 0,
    ...(asked.logprobs === undefined ? {} : {logprobs: asked.logprobs}),
    stopStrings: [],
    seed: asked.seed ?? 0,
  }
  const requests = prompts.map((promptIds, key) => ({key, promptIds, seed: key}))
  const events: DecodeEvent[] = []
  for await (const event of decodeAll(model, requests, options, asked.hooks, asked.limits)) events.push(event)
  return events
}

/** The rows in the order of the prompts, without their timing. */
export async function decodeRows(
  model: LanguageModel,
  prompts: readonly (readonly number[])[],
  asked: Asked = {},
): Promise<Untimed[]> {
  const events = await decodeEvents(model, prompts, asked)
  return events
    .flatMap((event) => (event.kind === 'row' ? [untimed(event.row)] : []))
    .sort((a, b) => a.key - b.key)
}

type Untimed = Omit<Extract<DecodedRow, {kind: 'decoded'}>, 'timing'> | Extract<DecodedRow, {kind: 'failed'}>

function untimed(row: DecodedRow): Untimed {
  if (row.kind === 'failed') return row
  const {timing: _, ...rest} = row
  return rest
}
