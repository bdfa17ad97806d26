import {keyWidth, type NetworkShape, queryWidth} from '../onnx/network/shape.ts'
import type {Parameter} from './initial-weights.ts'

/** A matrix to orthogonalise: some columns of a stored weight. Queries, keys and values are packed but are matrices of their own. */
export interface MuonBlock {
  readonly parameter: Parameter
  /** Index of the parameter in the optimizer's list. */
  readonly index: number
  readonly rows: number
  readonly firstColumn: number
  readonly columns: number
}

/** Weights of linear layers; the embedding is not one, it is looked up. */
export function isMuonMatrix({name}: Parameter): boolean {
  return name.endsWith('.weight')
}

/** The blocks of all matrices, grouped by size, in a fixed order. */
export function muonBlocks(shape: NetworkShape, parameters: readonly Parameter[]): readonly MuonBlock[][] {
  const groups = new Map<string, MuonBlock[]>()
  for (const [index, parameter] of parameters.entries()) {
    if (!isMuonMatrix(parameter)) continue
    const [rows = 0, all = 0] = parameter.dims
    let firstColumn = 0
    for (const columns of packedWidths(shape, parameter.name, all)) {
      const key = `${rows} ${columns}`
      const group = groups.get(key) ?? []
      groups.set(key, group)
      group.push({parameter, index, rows, firstColumn, columns})
      firstColumn += columns
    }
  }
  return [...groups.values()]
}

function packedWidths(shape: NetworkShape, name: string, all: number): readonly number[] {
  const keys = keyWidth(shape)
  if (name.endsWith('.query_key_value.weight')) return [queryWidth(shape), keys, keys]
  if (name.endsWith('.key_value.weight')) return [keys, keys]
  return [all]
}
