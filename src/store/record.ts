import type {Finish} from '../inference/protocol.ts'

/** One line of `samples.jsonl`. All but `timing` is byte-equal between runs of the same plan on one machine. */
export type SampleRecord = ScoredRecord | FailedRecord

export interface ScoredRecord {
  readonly status: 'scored'
  readonly task: string
  readonly id: string
  /** Position in the selected rows of the task, before sharding; with `task` it orders merged files. */
  readonly index: number
  readonly prompt: string
  readonly promptIds: readonly number[]
  readonly newIds: readonly number[]
  /** The decoded text, special tokens left out. */
  readonly text: string
  /** What was extracted from the text and scored. */
  readonly answer: string
  /** Empty for a question that has no answer. */
  readonly references: readonly string[]
  /** What kind of row it is, where the task's data say so. */
  readonly kind?: string | undefined
  /** Metric id to this sample's value; a metric for which the sample does not count is absent, a corpus metric gives its sentence value. */
  readonly scores: Readonly<Record<string, number>>
  readonly finish: Finish
  /** Prompt tokens that were cut to fit the model's context. */
  readonly truncatedTokens: number
  readonly timing: {readonly firstTokenMs: number; readonly totalMs: number}
}

export interface FailedRecord {
  readonly status: 'failed'
  readonly task: string
  readonly id: string
  readonly index: number
  /** Length of the prompt that was to be decoded, 0 where none could be made; with `index` it orders merged files. */
  readonly promptTokens: number
  /** Where it went wrong. */
  readonly stage: 'data' | 'prompt' | 'decode' | 'score'
  readonly error: string
}
