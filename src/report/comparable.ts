import {SlmError} from '../errors.ts'
import type {Reading} from './reading.ts'
import type {MeasuredRow} from './rows.ts'
import {termDifferences} from './terms.ts'

/** A cell whose conditions are not those of its column. */
export interface MixedCell {
  readonly row: string
  readonly task: string
  /** `name: mine, there theirs` against most of the column. */
  readonly differences: readonly string[]
}

/**
 * Finds the cells that do not belong beside the rest of their column, because task version, data, rows, prompt or decoding
 * differ. They are refused by name unless mixing was asked for. The conditions of a column are those of most of its rows;
 * on a tie those of the first.
 */
export function mixedCells(
  rows: readonly MeasuredRow[],
  tasks: readonly string[],
  isMixingAllowed: boolean,
): MixedCell[] {
  const mixed = tasks.flatMap((task) => mixedInColumn(rows, task))
  const [first] = mixed
  if (first === undefined || isMixingAllowed) return mixed
  const others = mixed.length > 1 ? ` (and ${mixed.length - 1} more cells differ)` : ''
  throw new SlmError(
    'rows-not-comparable',
    `${first.task} of ${first.row} is not comparable with the other rows: ${first.differences.join('; ')}${others}`,
    {
      hint: 'Run it again under the same conditions, leave the run out, or print it marked with --allow-mixed.',
    },
  )
}

function mixedInColumn(rows: readonly MeasuredRow[], task: string): MixedCell[] {
  const cells = rows.flatMap((row) => {
    const reading = row.readings.get(task)
    return reading === undefined ? [] : [{row: row.name, reading}]
  })
  const common = commonReading(cells.map(({reading}) => reading))
  if (common === undefined) return []
  return cells
    .map(({row, reading}) => ({row, task, differences: termDifferences(reading.terms, common.terms)}))
    .filter(({differences}) => differences.length > 0)
}

/** The reading whose conditions most of the others share; the first of equals. */
export function commonReading(readings: readonly Reading[]): Reading | undefined {
  const alike = (reading: Reading): number =>
    readings.filter((other) => termDifferences(reading.terms, other.terms).length === 0).length
  const most = Math.max(0, ...readings.map(alike))
  return readings.find((reading) => alike(reading) === most)
}
