import {Tensor} from 'onnxruntime-node'
import type {FloatType} from './graph-signature.ts'

/** Where one row of a new tensor comes from: `count` positions of `source`'s `row`, from `from` on, written at `to`. */
export interface RowCopy {
  readonly source: Tensor
  readonly row: number
  readonly from: number
  readonly count: number
  readonly to: number
}

/** An empty past: (rows, heads, 0, headSize). */
export function emptyCache(type: FloatType, rows: number, heads: number, headSize: number): Tensor {
  return new Tensor(type, type === 'float32' ? new Float32Array(0) : new Uint16Array(0), [
    rows,
    heads,
    0,
    headSize,
  ])
}

/**
 * A new tensor (rows, heads, length, size) of the given rows; positions that no copy covers are zero.
 * Sources are (any rows, heads, any length, size), row-major.
 */
export function assembleRows(type: FloatType, length: number, copies: readonly RowCopy[]): Tensor {
  const [, heads = 0, , size = 0] = copies[0]!.source.dims
  const elements = copies.length * heads * length * size
  const target = type === 'float32' ? new Float32Array(elements) : new Uint16Array(elements)
  for (let row = 0; row < copies.length; row += 1) {
    const {source, row: sourceRow, from, count, to} = copies[row]!
    const data = elementsOf(source)
    const sourceLength = source.dims[2]!
    for (let head = 0; head < heads; head += 1) {
      const start = ((sourceRow * heads + head) * sourceLength + from) * size
      target.set(data.subarray(start, start + count * size), ((row * heads + head) * length + to) * size)
    }
  }
  return new Tensor(type, target, [copies.length, heads, length, size])
}

/** The same for hidden states, (rows, length, size). */
export function assembleHidden(type: FloatType, length: number, copies: readonly RowCopy[]): Tensor {
  const size = copies[0]!.source.dims[2]!
  const target =
    type === 'float32'
      ? new Float32Array(copies.length * length * size)
      : new Uint16Array(copies.length * length * size)
  for (let row = 0; row < copies.length; row += 1) {
    const {source, row: sourceRow, from, count, to} = copies[row]!
    const start = (sourceRow * source.dims[1]! + from) * size
    target.set(elementsOf(source).subarray(start, start + count * size), (row * length + to) * size)
  }
  return new Tensor(type, target, [copies.length, length, size])
}

/** The elements as they lie in memory: float32 values, or the bits of float16 values (newer Node gives them another class). */
export function elementsOf(tensor: Tensor): Float32Array | Uint16Array {
  const data = tensor.data
  if (data instanceof Float32Array || data instanceof Uint16Array) return data
  if (tensor.type === 'float16' && ArrayBuffer.isView(data))
    return new Uint16Array(data.buffer, data.byteOffset, tensor.size)
  throw new Error(`a cache tensor of type ${tensor.type}`)
}
