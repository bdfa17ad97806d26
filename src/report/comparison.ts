import type {Estimate} from '../stats/estimate.ts'
import type {Cell} from './cell.ts'
import type {ScoreTable} from './score-table.ts'
import type {ShortcutVerdict} from './shortcut-verdicts.ts'

/** Everything that a comparison says, before it is laid out: the value that all formats print. */
export interface Comparison {
  readonly tables: readonly ScoreTable[]
  /** Encoder-decoder minus decoder-only, pair by pair, task by task. */
  readonly duels: readonly Duel[]
  readonly shortcuts: ShortcutReport
  /** Whole sentences: definitions, conditions, what to mind. */
  readonly notes: readonly string[]
}

/** What stands beside the models so that their scores can be believed; the tables have the policies' rows. */
export interface ShortcutReport {
  readonly details: readonly TaskDetail[]
  readonly verdicts: readonly ShortcutVerdict[]
}

/** A task's metrics other than those of the tables. */
export interface TaskDetail {
  readonly task: string
  readonly metrics: readonly {readonly id: string; readonly scale: 1 | 100}[]
  readonly groups: readonly DetailGroup[]
}

export interface DetailGroup {
  /** Empty for the models. */
  readonly heading: string
  readonly rows: readonly {
    readonly name: string
    readonly source: 'measured' | 'policy' | 'published'
    /** In the order of the metrics, in their scales. */
    readonly cells: readonly Cell[]
  }[]
}

/** One encoder-decoder row against one decoder-only row. */
export interface Duel {
  /** Row names as printed. */
  readonly encDec: string
  readonly decOnly: string
  /** What a reader must know before believing the verdicts; empty when nothing. */
  readonly warnings: readonly string[]
  readonly differences: readonly Difference[]
}

export interface Difference {
  readonly task: string
  readonly outcome: Outcome
}

export type Outcome =
  | {
      readonly kind: 'tested'
      /** Mean ROUGE-L of the encoder-decoder model minus that of the decoder-only model over the same samples. */
      readonly estimate: Estimate
      /** Two-sided, paired approximate randomisation. */
      readonly p: number
      /** After Holm, over all tests of the comparison. */
      readonly adjustedP: number
      readonly better: 'enc-dec' | 'dec-only' | 'neither shown'
      /** Samples of one run that have no scored partner in the other. */
      readonly unpaired: number
    }
  | {readonly kind: 'missing'; readonly why: string}
