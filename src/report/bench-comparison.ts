import type {BenchModelRecord, BenchSetting, MachineRecord} from '../store/bench-record.ts'
import type {PublishedEfficiency} from './bench-claims.ts'
import type {BenchMetricId} from './bench-metrics.ts'
import type {Cell} from './cell.ts'
import type {Figure} from './figure.ts'

/** Everything that measurements say, before it is laid out: the value that all formats print. */
export interface BenchComparison {
  readonly runs: readonly BenchRun[]
  readonly ratios: readonly RatioTable[]
  /** What the paper claims, to stand beside the ratios. */
  readonly published: PublishedEfficiency
  readonly figures: readonly Figure[]
  /** Whole sentences: definitions, conditions, what to mind. */
  readonly notes: readonly string[]
}

/** One `bench.jsonl`. */
export interface BenchRun {
  readonly run: string
  /** As it was at the first start of the command. */
  readonly machine: MachineRecord | undefined
  readonly models: readonly BenchModelRecord[]
  readonly cells: readonly MeasuredCell[]
}

/** One model under one condition, in numbers. */
export interface MeasuredCell {
  readonly model: string
  readonly setting: BenchSetting
  readonly batch: number
  readonly inputTokens: number
  readonly outputTokens: number
  /** Tokens at the head of each prompt that were computed before the clock started; 0 without a shared prefix. */
  readonly prefixTokens: number
  /** Medians over repeats. */
  readonly values: Readonly<Record<BenchMetricId, Cell>>
  /** Operations of the whole generation: a multiplication and an addition are two. */
  readonly flops: Cell
  /** Bytes that one later step reads (weights and cache) over the time it took, as a share of measured bandwidth. */
  readonly bandwidthShare: Cell
  /** Operations up to the first token over the time they took, as a share of the measured rate of a matrix product. */
  readonly gemmShare: Cell
  readonly failed: number
  /** Samples during which other programs used enough of the machine to move the figures. */
  readonly busy: number
}

/** What a ratio is taken of. */
export const RATIO_IDS = [
  'firstTokenMs',
  'decodeTokensPerSecond',
  'tokensPerSecond',
  'endToEndMs',
  'peakBytes',
  'flops',
] as const
export type RatioId = (typeof RATIO_IDS)[number]

/** First over second, condition by condition. */
export interface RatioTable {
  /** Two architectures in one program, or one model in two programs. */
  readonly kind: 'architectures' | 'programs'
  readonly run: string
  readonly first: RatioSide
  readonly second: RatioSide
  /** What is not equal, or not known to be; empty when nothing. */
  readonly warnings: readonly string[]
  readonly rows: readonly RatioRow[]
  /** Which one wins where, and by how much: only where an interval excludes 1. */
  readonly verdicts: readonly string[]
}

export interface RatioSide {
  /** The model's label, unique in its run. */
  readonly model: string
  readonly architecture: 'enc-dec' | 'dec-only'
  readonly program: string
  readonly dtype: string
}

export interface RatioRow {
  /** Usually one for both; with a shared prefix the encoder reads its whole input all the same. */
  readonly firstSetting: BenchSetting
  readonly secondSetting: BenchSetting
  readonly batch: number
  readonly inputTokens: number
  readonly outputTokens: number
  readonly ratios: Readonly<Record<RatioId, Cell>>
}
