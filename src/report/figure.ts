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
  readonly table: Grid
}

/** One drawn. */
export interface DrawnFigure extends Figure {
  readonly svg: string
}

export function figureFile({id}: Pick<Figure, 'id'>): string {
  return `${id}.svg`
}
