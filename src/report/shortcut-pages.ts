import type {Cell} from './cell.ts'
import type {ShortcutReport, TaskDetail} from './comparison.ts'
import type {Line} from './csv.ts'
import {valueColumns} from './csv-text.ts'
import type {Grid, GridCell} from './page.ts'

/** The details as grids: two decimals of a percentage, four of a fraction. */
export function detailGrids({details}: ShortcutReport): Grid[] {
  return details.map(({task, metrics, groups}) => ({
    kind: 'grid',
    title: `${task}: other metrics`,
    columns: ['model', ...metrics.map(({id}) => id)],
    groups: groups.map(({heading, rows}) => ({
      heading,
      rows: rows.map(({name, cells}) => [
        {text: name},
        ...cells.map((cell, place) => detailCell(cell, metrics[place]!.scale)),
      ]),
    })),
  }))
}

function detailCell(cell: Cell, scale: number): GridCell {
  const fixed = (value: number): string => value.toFixed(scale === 1 ? 3 : 1)
  switch (cell.kind) {
    case 'number':
      return {text: cell.value.toFixed(2)}
    case 'missing':
      return {text: cell.short}
    case 'estimate': {
      const {value, low, high} = cell.estimate
      return {text: value.toFixed(scale === 1 ? 4 : 2), detail: `[${fixed(low)}, ${fixed(high)}]`}
    }
  }
}

/** One line for each value of the details and each verdict. */
export function shortcutCsv({details, verdicts}: ShortcutReport): Line[] {
  return [
    ...details.flatMap(detailLines),
    ...verdicts.map(({row, task, metric, policy, outcome}): Line => {
      const common: Line = {
        table: 'shortcut',
        row: `${row} minus ${policy}`,
        task,
        metric: `${metric} difference`,
        source: 'measured',
      }
      if (outcome.kind === 'missing') return {...common, why: outcome.why}
      const {value, low, high, count} = outcome.estimate
      return {...common, value, low, high, count, verdict: outcome.isBeaten ? 'beaten' : 'not beaten'}
    }),
  ]
}

function detailLines({task, metrics, groups}: TaskDetail): Line[] {
  return groups.flatMap(({heading, rows}) =>
    rows.flatMap(({name, source, cells}) =>
      cells.map(
        (cell, place): Line => ({
          table: 'detail',
          group: heading,
          row: name,
          task,
          metric: metrics[place]!.id,
          source,
          ...valueColumns(cell, 'as printed, without interval and count'),
        }),
      ),
    ),
  )
}
