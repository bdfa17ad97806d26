import type {Architecture} from '../engine/language-model.ts'
import type {Cell} from './cell.ts'
import type {PlaceId, Training} from './place.ts'

/** One table in the layout of the paper's Table 1. */
export interface ScoreTable {
  readonly id: TableId
  readonly title: string
  /** Column order; `average` stands beside them where the four tasks of the paper (or miniatures of them) are meant. */
  readonly tasks: readonly string[]
  readonly hasAverage: boolean
  readonly groups: readonly ScoreGroup[]
}

/** The paper's four tasks, their built-in miniatures, four of both kinds together, and tasks of the user's own. */
export type TableId = 'paper' | 'miniature' | 'mixed' | 'own' | 'published'

export interface ScoreGroup {
  readonly place: PlaceId
  /** Empty for the teacher, which stands above the groups. */
  readonly heading: string
  readonly rows: readonly ScoreRow[]
}

export interface ScoreRow {
  /** As printed, e.g. `2/3-1/3: demo-enc-dec (untrained)`. */
  readonly name: string
  readonly source: 'measured' | 'published' | 'policy'
  readonly model: string
  readonly architecture: Architecture | 'not stated'
  readonly training: Training
  /** Share of layers, e.g. `2/3-1/3`; empty for a decoder-only model or when it is unknown. */
  readonly split: string
  readonly parameters: Cell
  /** In the order of the table's `tasks`. */
  readonly scores: readonly ScoreCell[]
  readonly average: ScoreCell
}

/** The paper's `RL/RG`. */
export interface ScoreCell {
  /** Mean ROUGE-L, 0..1. */
  readonly rl: Cell
  /** Mean judge score, 0..1. */
  readonly rg: Cell
  readonly tally: Tally | undefined
  /** Undefined where no judge was asked. */
  readonly judged: JudgedTally | undefined
  /** True when the cell's task version, data, prompt or decoding is not that of the other rows. */
  readonly isMixed: boolean
}

/** What became of the samples behind a cell. */
export interface Tally {
  readonly planned: number
  readonly scored: number
  readonly failed: number
  /** Samples whose prompt was cut to fit the context. */
  readonly truncated: number
  /** Samples that stopped at the length limit rather than at an end token. */
  readonly hitLength: number
}

/** What became of the samples behind RG. */
export interface JudgedTally {
  readonly judged: number
  /** Samples that have an answer. */
  readonly samples: number
  /** By state: unparsed, refused, timed-out, failed; what nobody asked about is in none. */
  readonly notJudged: Readonly<Record<string, number>>
  /** The mean over all samples with what was not judged as 0: the least that RG can be. */
  readonly failuresAsZero: number
}
