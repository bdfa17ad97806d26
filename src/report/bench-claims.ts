import {readFileSync} from 'node:fs'
import {fileURLToPath} from 'node:url'
import {parse} from 'yaml'
import {z} from 'zod'

const claim = z.strictObject({
  /** The paper's own wording. */
  printed: z.string(),
  /** Encoder-decoder over decoder-only, from and to. */
  ratio: z.tuple([z.number().positive(), z.number().positive()]),
})
const seconds = z.array(z.number().positive())
const claims = z.strictObject({
  source: z.string(),
  note: z.string(),
  claims: z.strictObject({firstTokenMs: claim, tokensPerSecond: claim, peakBytes: claim, flops: claim}),
  absolute: z.array(
    z.strictObject({device: z.string(), firstTokenMs: z.number(), tokensPerSecond: z.number()}),
  ),
  figure1: z.strictObject({
    note: z.string(),
    inputTokens: z.array(z.int().positive()),
    seconds: z.strictObject({'dec-only': seconds, 'enc-dec': seconds}),
  }),
})

export type PublishedEfficiency = z.output<typeof claims>

/** What the paper says of speed, memory and operations, read from configs/published/efficiency.yaml. */
export function readPublishedEfficiency(): PublishedEfficiency {
  const file = fileURLToPath(new URL('../../configs/published/efficiency.yaml', import.meta.url))
  return claims.parse(parse(readFileSync(file, 'utf8')))
}
