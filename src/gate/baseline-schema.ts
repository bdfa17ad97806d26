import {z} from 'zod'
import {manifestSchema} from '../store/manifest.ts'

/** Raised when the layout of the file changes. */
export const BASELINE_FORMAT = 1

const facts = manifestSchema.pick({
  planDigest: true,
  model: true,
  tokenizer: true,
  seed: true,
  device: true,
  exact: true,
  batching: true,
  versions: true,
})

const scoredRow = z.object({
  id: z.string(),
  answerDigest: z.string().regex(/^[0-9a-f]{12}$/),
  /** For each metric of the task, in its order, what is summed: a number for a mean, a list for a corpus metric, an empty list where the sample does not count. */
  statistics: z.array(z.union([z.number(), z.array(z.number())])),
  /** The answer itself, if it was asked for. */
  answer: z.string().optional(),
})

const failedRow = z.object({id: z.string(), failed: z.enum(['data', 'prompt', 'decode', 'score'])})

export const baselineSchema = z.object({
  slmBaseline: z.literal(BASELINE_FORMAT),
  /** Over everything else (`baselineDigest`): a hand edit or a merge of two branches shows. */
  digest: z.string().regex(/^[0-9a-f]{64}$/),
  ...facts.shape,
  tasks: z
    .array(
      z.object({
        ...manifestSchema.shape.tasks.element.shape,
        /** Metric id to its value, or why there is none; for readers, computed from the samples. */
        values: z.record(z.string(), z.union([z.number(), z.object({missing: z.string()})])),
        /** In the order of the data. */
        samples: z.array(z.union([scoredRow, failedRow])),
      }),
    )
    .min(1),
})

/** A small file fit for git: per-sample scores and digests of one run, no times, no paths, no prompts. */
export type Baseline = z.output<typeof baselineSchema>
export type BaselineTask = Baseline['tasks'][number]
export type BaselineRow = BaselineTask['samples'][number]
