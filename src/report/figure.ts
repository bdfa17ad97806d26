import type {TopLevelSpec} from 'vega-lite'
import type {Grid} from './page.ts'

/** A drawing, with its data in a table beside. */
export interface Figure {
  /** Its file without the ending: `figure-1`. */
  readonly id: string
  readonly title: string
  /** For who cannot see it. */
  readonly alt: string
  readonly spec: TopLevelSpec
  /** What is drawn, unrounded, a row for each point; all rows have the same keys. */
  readonly data: readonly FigureRow[]
  /** The same for a reader. */
  readonly table: Grid
}

export type FigureRow = Readonly<Record<string, string | number>>

/** One drawn. */
export interface DrawnFigure extends Figure {
  /** `figure-1.svg` */
  readonly file: string
  readonly svg: string
}
