import type {Manifest} from '../store/manifest.ts'
import type {FailedRecord} from '../store/record.ts'

export type TaskPart = Manifest['tasks'][number]

/** What a baseline keeps of a manifest: all that can move a number, and neither paths nor the machine. */
export type RunFacts = Pick<
  Manifest,
  'planDigest' | 'model' | 'tokenizer' | 'seed' | 'device' | 'exact' | 'batching' | 'versions'
>

/** One of the two that are compared: a run folder, or the baseline file that was saved of one. */
export interface Side {
  /** As the user named it. */
  readonly path: string
  readonly kind: 'run' | 'baseline'
  readonly facts: RunFacts
  /** Undefined for a baseline file, which knows no machine. */
  readonly machine: Manifest['machine'] | undefined
  /** Why samples are missing that were planned; undefined for a finished run. */
  readonly unfinished: string | undefined
  /** Samples that the summary of a finished run counts and its records lack: the file was cut. */
  readonly lostRecords: number
  readonly tasks: readonly TaskScores[]
}

export interface TaskScores {
  readonly part: TaskPart
  /** By id, in the order of the data. */
  readonly samples: ReadonlyMap<string, Sample>
}

export type Sample = ScoredSample | FailedSample

export interface ScoredSample {
  readonly status: 'scored'
  /** The first 12 hex digits of the answer's sha256: tells whether an answer changed. */
  readonly answerDigest: string
  /** In the order of the task's metrics. */
  readonly statistics: readonly Statistic[]
  readonly timing: SampleTiming | undefined
  readonly text: TextPlace
}

/** What a metric sums: one number for a mean, several for a corpus metric, none where the sample does not count. */
export type Statistic = number | readonly number[]

export const NOT_COUNTED: Statistic = []

export function isCounted(statistic: Statistic | undefined): statistic is Statistic {
  return typeof statistic === 'number' || (statistic !== undefined && statistic.length > 0)
}

export function statisticList(statistic: Statistic): readonly number[] {
  return typeof statistic === 'number' ? [statistic] : statistic
}

export interface SampleTiming {
  readonly firstTokenMs: number
  /** (total - first) / (tokens - 1), as MLPerf defines it; undefined for fewer than two tokens. */
  readonly nextTokenMs: number | undefined
}

/** Where the answer can be read when it is to be shown: texts of a whole run are never held. */
export type TextPlace =
  | {readonly kind: 'record'; readonly from: number; readonly end: number}
  | {readonly kind: 'text'; readonly answer: string}
  | {readonly kind: 'missing'}

export interface FailedSample {
  readonly status: 'failed'
  readonly stage: FailedRecord['stage']
}
