import {basename} from 'node:path'
import type {Architecture} from '../engine/language-model.ts'
import type {JudgeReading} from './judge-reading.ts'
import type {RecordStatistics} from './record-statistics.ts'
import type {Tally} from './score-table.ts'
import type {Terms} from './terms.ts'

/** One task of one run, as far as tables need it: computed from the records, never from a summary's values. */
export interface Reading {
  /** The run folder's own name, without the path to it. */
  readonly run: string
  readonly planDigest: string
  readonly model: ReadModel
  readonly task: string
  /** What must be equal for two rows to stand in one column. */
  readonly terms: Terms
  readonly dataSource: string
  readonly dataDigest: string
  /** Why the run cannot be read as a whole; undefined for a finished one. */
  readonly unfinished: string | undefined
  readonly tally: Tally
  /** Mean length of the prompts of scored samples; undefined where none was scored. */
  readonly meanPromptTokens: number | undefined
  /** Seeds the interval, so that it is the one of the run's own summary. */
  readonly seed: number
  /** Sample id to its ROUGE-L, 0..1, in the order of the records; without failed samples and those for which it does not count. Undefined when the task does not score it. */
  readonly rougeL: ReadonlyMap<string, number> | undefined
  /** What each of the task's metrics sums, by sample. */
  readonly statistics: RecordStatistics
  /** What judges said of it; none where nobody judged. */
  readonly judges: readonly JudgeReading[]
}

export interface ReadModel {
  /** As the user gave it, without the path to it. */
  readonly name: string
  readonly architecture: Architecture | 'not stated'
  readonly dtype: string
  /** What else tells its rows apart: dtype, device and `exact` where they are not the usual ones; empty for plain fp32. */
  readonly variant: string
  readonly digest: string
  readonly parameters: number | undefined
  readonly encoderLayers: number | undefined
  readonly decoderLayers: number | undefined
  /** As the checkpoint says; undefined where it says nothing. */
  readonly training: string | undefined
  /** Why answers can depend on the rows beside them; undefined where they cannot. */
  readonly batching: string | undefined
}

/** A folder by its last part; a shipped name or a hub id (`owner/name`) whole. */
export function shortName(name: string): string {
  const isPath = /^[./~]|\\/.test(name) || name.split('/').length > 2
  return isPath ? basename(name.replaceAll('\\', '/')) : name
}
