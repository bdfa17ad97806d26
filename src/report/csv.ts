import type {Comparison, Duel} from './comparison.ts'
import {csvText, valueColumns} from './csv-text.ts'
import type {ScoreCell, ScoreRow, ScoreTable} from './score-table.ts'
import {shortcutCsv} from './shortcut-pages.ts'

const COLUMNS = [
  'table',
  'group',
  'row',
  'model',
  'task',
  'metric',
  'value',
  'low',
  'high',
  'count',
  'pHolm',
  'verdict',
  'samples',
  'failed',
  'promptCut',
  'hitLength',
  'judged',
  'failuresAsZero',
  'parameters',
  'source',
  'conditions',
  'why',
] as const

const WHY_NO_INTERVAL = 'printed with two decimals, without interval and count'

export type Line = Partial<Record<(typeof COLUMNS)[number], string | number>>

/**
 * One line for each value, numbers unrounded. Text that a spreadsheet would take for a formula gets an apostrophe in front;
 * where a value is missing, `why` says why.
 */
export function csv(comparison: Comparison): string {
  const lines = [
    ...comparison.tables.flatMap(tableLines),
    ...comparison.duels.flatMap(duelLines),
    ...shortcutCsv(comparison.shortcuts),
  ]
  return csvText(lines, COLUMNS)
}

function tableLines(table: ScoreTable): Line[] {
  return table.groups.flatMap((group) =>
    group.rows.flatMap((row) => {
      const cells = [
        ...table.tasks.map((task, column) => ({task, cell: row.scores[column]!})),
        ...(table.hasAverage ? [{task: 'average', cell: row.average}] : []),
      ]
      return cells.flatMap(({task, cell}) => cellLines(table, group.heading, row, task, cell))
    }),
  )
}

function cellLines(table: ScoreTable, group: string, row: ScoreRow, task: string, cell: ScoreCell): Line[] {
  const common: Line = {
    table: table.id,
    group,
    row: row.name,
    model: row.model,
    task,
    ...(row.parameters.kind === 'number' ? {parameters: row.parameters.value} : {}),
    source: row.source,
    conditions: cell.isMixed ? 'mixed' : 'equal',
    ...(cell.tally === undefined
      ? {}
      : {
          samples: cell.tally.planned,
          failed: cell.tally.failed,
          promptCut: cell.tally.truncated,
          hitLength: cell.tally.hitLength,
        }),
  }
  return [
    {...common, metric: 'rougeL', ...valueColumns(cell.rl, WHY_NO_INTERVAL)},
    {
      ...common,
      metric: 'judge',
      ...valueColumns(cell.rg, WHY_NO_INTERVAL),
      ...(cell.judged === undefined
        ? {}
        : {
            judged: `${cell.judged.judged} of ${cell.judged.samples}`,
            failuresAsZero: cell.judged.failuresAsZero,
          }),
    },
  ]
}

function duelLines({encDec, decOnly, warnings, differences}: Duel): Line[] {
  return differences.map(({task, outcome}): Line => {
    const common: Line = {
      table: 'difference',
      row: `${encDec} minus ${decOnly}`,
      task,
      metric: 'rougeL difference',
      source: 'measured',
      conditions: warnings.join('; '),
    }
    if (outcome.kind === 'missing') return {...common, why: outcome.why}
    const {value, low, high, count} = outcome.estimate
    return {
      ...common,
      value,
      low,
      high,
      count,
      pHolm: outcome.adjustedP,
      verdict: `better: ${outcome.better}`,
    }
  })
}
