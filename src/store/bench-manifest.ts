import {z} from 'zod'
import {digestOf} from '../config/canonical-json.ts'
import {BENCH_SETTINGS} from './bench-record.ts'

/** Raised when the layout of a benchmark's folder changes. */
export const BENCH_FORMAT = 1

const positive = z.int().positive()
const missing = z.object({missing: z.string()})

const planSchema = z.object({
  models: z
    .array(
      z.object({
        /** Unique in the run: what its records call it. */
        label: z.string(),
        /** As the user gave it; not part of the plan's digest. */
        name: z.string(),
        program: z.string(),
        architecture: z.enum(['enc-dec', 'dec-only']),
        dtype: z.string(),
        digest: z.union([z.string(), missing]),
        parameters: z.union([positive, missing]),
      }),
    )
    .min(1),
  settings: z.array(z.enum(BENCH_SETTINGS)).min(1),
  inputLengths: z.array(positive).min(1),
  outputLength: positive,
  batchSizes: z.array(positive).min(1),
  repeats: positive,
  /** Generations before the counted one, in each process. */
  warmUp: z.int().nonnegative(),
  /** Tokens at the end of a prompt that are not part of the shared prefix (setting `prefix-cache`). */
  freshTokens: positive,
  threads: positive,
  seed: z.int().nonnegative(),
  versions: z.record(z.string(), z.string()),
})

/** What a benchmark is, written before its first record: `manifest.json` beside `bench.jsonl`. */
export const benchManifestSchema = planSchema.extend({
  format: z.literal(BENCH_FORMAT),
  kind: z.literal('bench'),
  planDigest: z.string(),
})

export type BenchPlan = z.output<typeof planSchema>
export type BenchManifest = z.output<typeof benchManifestSchema>

/**
 * sha256 over all that decides what is measured; names as the user gave them are left out, labels are not. How often it is
 * measured is left out too: a benchmark may be given more repeats later.
 */
export function benchPlanDigest(plan: BenchPlan): string {
  const {repeats: _, models, ...sweep} = plan
  return digestOf({...sweep, models: models.map(({name: _, ...model}) => model)})
}
