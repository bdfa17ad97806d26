import type {Grid, GridCell} from '../report/page.ts'
import type {CellResult} from './cell-result.ts'
import type {TrainedAbout} from './tested-cell.ts'

/** What each cell cost: what was equal between the cells, and what was not. Means over seeds. */
export function equalityGrid(results: readonly CellResult[]): Grid {
  return {
    kind: 'grid',
    title: 'What was equal',
    columns: [
      'model',
      'parameters',
      'without embedding',
      'best step / steps',
      'examples',
      'tokens',
      'FLOPs (10^15)',
      'of teacher',
      'minutes',
      'CPU minutes',
    ],
    groups: [{heading: '', rows: results.filter(({tested}) => tested.length > 0).map(costRow)}],
  }
}

function costRow({cell, tested}: CellResult): readonly GridCell[] {
  const mean = (of: (about: TrainedAbout) => number | undefined): number | undefined => {
    const values = tested.flatMap(({about}) => of(about) ?? [])
    return values.length < tested.length
      ? undefined
      : values.reduce((sum, value) => sum + value, 0) / values.length
  }
  const best = tested.map(({about}) => about.bestStep ?? '?').join(', ')
  return [
    cell,
    whole(mean(({parameters}) => parameters)),
    whole(mean(({nonEmbedding}) => nonEmbedding)),
    `${best} / ${whole(mean(({steps}) => steps))}`,
    whole(mean(({examples}) => examples)),
    whole(mean(({tokens}) => tokens)),
    scaled(
      mean(({flops}) => flops),
      1e15,
    ),
    scaled(
      mean(({teacherFlops}) => teacherFlops),
      1e15,
    ),
    scaled(
      mean(({stepSeconds}) => stepSeconds),
      60,
    ),
    scaled(
      mean(({cpuSeconds}) => cpuSeconds),
      60,
    ),
  ].map((text) => ({text}))
}

function whole(value: number | undefined): string {
  return value === undefined ? 'not known' : Math.round(value).toLocaleString('en-US')
}

function scaled(value: number | undefined, unit: number): string {
  return value === undefined ? 'not known' : (value / unit).toFixed(1)
}
