import type {NetworkShape} from '../onnx/network/shape.ts'
import type {Parameter} from './initial-weights.ts'

/** A matrix to orthogonalise: a part of a stored weight. */
export interface MuonBlock {
  readonly parameter: Parameter
  /** Index of the parameter in the optimizer's list. */
  readonly index: number
  readonly firstRow: number
  readonly rows: number
  readonly firstColumn: number
  readonly columns: number
}

/** Weights of linear layers; the embedding is not one, it is looked up. */
export function isMuonMatrix({name}: Parameter): boolean {
  return name.endsWith('.weight')
}

/**
 * The blocks of all matrices, grouped by size, in a fixed order. Each head of an attention is a matrix of its own: the
 * columns that make its queries, keys or values, and the rows that read it.
 */
export function muonBlocks(shape: NetworkShape, parameters: readonly Parameter[]): readonly MuonBlock[][] {
  const groups = new Map<string, MuonBlock[]>()
  for (const [index, parameter] of parameters.entries()) {
    if (!isMuonMatrix(parameter)) continue
    const [allRows = 0, allColumns = 0] = parameter.dims
    const {rows, columns} = blockSize(shape, parameter.name, allRows, allColumns)
    const key = `${rows} ${columns}`
    const group = groups.get(key) ?? []
    groups.set(key, group)
    for (let firstRow = 0; firstRow < allRows; firstRow += rows)
      for (let firstColumn = 0; firstColumn < allColumns; firstColumn += columns)
        group.push({parameter, index, firstRow, rows, firstColumn, columns})
  }
  return [...groups.values()]
}

function blockSize({headSize}: NetworkShape, name: string, rows: number, columns: number) {
  if (/\.(query|query_key_value|key_value)\.weight$/.test(name)) return {rows, columns: headSize}
  if (/\.(attention|cross)\.output\.weight$/.test(name)) return {rows: headSize, columns}
  return {rows, columns}
}
