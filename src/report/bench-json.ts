import type {BenchComparison, MeasuredCell, RatioRow} from './bench-comparison.ts'
import type {Cell} from './cell.ts'
import {cellJson} from './cell-json.ts'
import type {Grid} from './page.ts'

/** The comparison as data: numbers unrounded in base units, what is missing says why. */
export function benchJson({runs, ratios, published, figures, notes}: BenchComparison): object {
  return {
    ratios: ratios.map(({rows, ...table}) => ({...table, rows: rows.map(rowJson)})),
    runs: runs.map(({run, machine, models, cells}) => ({
      run,
      machine: machine ?? {missing: 'the run does not state it'},
      models,
      cells: cells.map(measuredJson),
    })),
    published,
    figures: figures.map(({id, title, table}) => ({id, title, data: gridJson(table)})),
    notes,
  }
}

function rowJson({ratios, ...row}: RatioRow): object {
  return {...row, ...cellsJson(ratios)}
}

function measuredJson({values, flops, bandwidthShare, gemmShare, ...cell}: MeasuredCell): object {
  return {...cell, ...cellsJson({...values, flops, bandwidthShare, gemmShare})}
}

function cellsJson(cells: Readonly<Record<string, Cell>>): object {
  return Object.fromEntries(Object.entries(cells).map(([name, cell]) => [name, cellJson(cell)]))
}

/** The figure's table as printed. */
function gridJson({columns, groups}: Grid): object {
  return {
    columns,
    groups: groups.map(({heading, rows}) => ({
      heading,
      rows: rows.map((row) =>
        row.map(({text, detail}) => (detail === undefined ? text : `${text} ${detail}`)),
      ),
    })),
  }
}
