import {stringify} from 'csv-stringify/sync'
import type {Cell} from './cell.ts'

/**
 * Rows under a heading, numbers unrounded. Text that a spreadsheet would take for a formula gets an apostrophe in front; what
 * a row does not have stays empty.
 */
export function csvText(
  rows: readonly Readonly<Record<string, string | number>>[],
  columns: readonly string[],
): string {
  return stringify([...rows], {
    header: true,
    columns: [...columns],
    escape_formulas: true,
    cast: {number: (value) => ({value: String(value), escape_formulas: false})},
  })
}

type ValueColumn = 'value' | 'low' | 'high' | 'count' | 'why'

/** A cell's columns: where a value is missing, `why` says why; where it has no interval, `whyNoInterval` does. */
export function valueColumns(
  cell: Cell,
  whyNoInterval: string,
): Partial<Record<ValueColumn, string | number>> {
  switch (cell.kind) {
    case 'estimate': {
      const {value, low, high, count} = cell.estimate
      return {value, low, high, count}
    }
    case 'number':
      return {value: cell.value, why: whyNoInterval}
    case 'missing':
      return {why: `${cell.short}: ${cell.why}`}
  }
}
