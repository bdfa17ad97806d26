import type {DataType} from '../schema.ts'
import {halfToNumber} from './half.ts'
import {tensorBytes} from './tensor-bytes.ts'
import type {Weight} from './weights.ts'

/** Rows looked at, and values of each: enough that chance cannot pass (32 values of 8 rows, mean correlation over 0.7). */
const ROWS = 8
const VALUES = 32

type At = (row: number, column: number) => number

/**
 * Whether a matrix is a copy of an embedding table, as it stands or transposed, in the same or in another precision.
 * Quantised copies are recognised by their codes, which follow the values within every block.
 */
export function isTied(table: Weight, tableFolder: string, weight: Weight, weightFolder: string): boolean {
  if (!table.matrix || !weight.matrix) return false
  const {rows, columns} = table.matrix
  const isSame = weight.matrix.rows === rows && weight.matrix.columns === columns
  const isTurned = weight.matrix.rows === columns && weight.matrix.columns === rows
  if (!isSame && !isTurned) return false
  const original = reader(table, tableFolder)
  const copy = reader(weight, weightFolder)
  if (!original || !copy) return false
  return (
    (isSame && follows(original, copy, rows, columns)) ||
    (isTurned && follows(original, (row, column) => copy(column, row), rows, columns))
  )
}

function follows(original: At, copy: At, rows: number, columns: number): boolean {
  let total = 0
  for (let index = 0; index < ROWS; index++) {
    const row = Math.floor((index + 0.5) * (rows / ROWS))
    const width = Math.min(VALUES, columns)
    const pairs = Array.from(
      {length: width},
      (_, column) => [original(row, column), copy(row, column)] as const,
    )
    total += correlation(pairs)
  }
  return total / ROWS > 0.7
}

/** Pearson's; 0 where either side does not vary. */
function correlation(pairs: readonly (readonly [number, number])[]): number {
  const count = pairs.length
  const meanX = pairs.reduce((sum, [x]) => sum + x, 0) / count
  const meanY = pairs.reduce((sum, [, y]) => sum + y, 0) / count
  let xy = 0
  let xx = 0
  let yy = 0
  for (const [x, y] of pairs) {
    xy += (x - meanX) * (y - meanY)
    xx += (x - meanX) ** 2
    yy += (y - meanY) ** 2
  }
  return xx > 0 && yy > 0 ? xy / Math.sqrt(xx * yy) : 0
}

/** Values of a float matrix, codes of a quantised one (offset and scale do not matter to a correlation). */
function reader({tensor, matrix}: Weight, folder: string): At | undefined {
  if (!matrix) return undefined
  const bytes = tensorBytes(tensor, folder)
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const {columns, bits} = matrix
  const type = tensor.dataType as DataType
  if (type === 'float32') return (row, column) => view.getFloat32((row * columns + column) * 4, true)
  if (type === 'float16')
    return (row, column) => halfToNumber(view.getUint16((row * columns + column) * 2, true))
  if (bits === 8 && type === 'int8') return (row, column) => view.getInt8(row * columns + column)
  if (bits !== 2 && bits !== 4 && bits !== 8) return undefined
  // Blocks are padded to whole ones, so a row may be longer than its columns.
  const rowBytes = bytes.length / Math.max(matrix.rows, 1)
  return (row, column) => {
    const position = column * bits
    return (view.getUint8(row * rowBytes + (position >> 3)) >> (position & 7)) & ((1 << bits) - 1)
  }
}
