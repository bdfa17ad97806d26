import {z} from 'zod'
import type {Estimate} from '../stats/estimate.ts'

const count = z.int().nonnegative()

/** A metric over the samples of a task, or why there is none. */
const metricValue = z.union([
  z.object({value: z.number(), low: z.number(), high: z.number(), count}) satisfies z.ZodType<Estimate>,
  z.object({missing: z.string()}),
])
export type MetricValue = z.output<typeof metricValue>

const taskSummary = z.object({
  task: z.string(),
  /** Samples that the plan holds for this run (for its shard). */
  planned: count,
  scored: count,
  /** Samples that are counted here and in no metric, by the stage at which they failed. */
  failed: z.object({total: count, data: count, prompt: count, decode: count, score: count}),
  metrics: z.record(z.string(), metricValue),
  /** Prompts that were cut to fit the model, and how many of their tokens went. */
  truncated: z.object({rows: count, tokens: count}),
  /** Why rows stopped; `length` counts the rows that hit the length limit. */
  finish: z.object({'end-token': count, 'stop-string': count, length: count}),
  promptTokens: count,
  newTokens: count,
  notes: z.array(z.string()),
})
export type TaskSummary = z.output<typeof taskSummary>

/** summary.json: computed from samples.jsonl alone, so that equal records give equal bytes; it holds no times. */
export const runSummarySchema = z.object({
  planDigest: z.string(),
  tasks: z.array(taskSummary),
  notes: z.array(z.string()),
})
export type RunSummary = z.output<typeof runSummarySchema>
