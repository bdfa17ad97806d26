import {Tensor} from 'onnxruntime-node'
import {cacheBlocks, cacheDims, cacheLength, positionElements} from './cache-layout.ts'
import type {CacheEntry, FloatType} from './graph-signature.ts'

/** Where one row of a new tensor comes from: `count` positions of `source`'s `row`, from `from` on, written at `to`. */
export interface RowCopy {
  readonly source: Tensor
  readonly row: number
  readonly from: number
  readonly count: number
  readonly to: number
}

type Entry = Pick<CacheEntry, 'type' | 'layout'>

/** An empty past of so many rows. */
export function emptyCache({type, layout}: Entry, rows: number): Tensor {
  return new Tensor(type, elements(type, 0), cacheDims(layout, rows, 0))
}

/** A new tensor of the entry's layout with the given rows; positions that no copy covers are zero. */
export function assembleRows({type, layout}: Entry, length: number, copies: readonly RowCopy[]): Tensor {
  const {outer, inner} = cacheBlocks(layout)
  const target = elements(type, copies.length * outer * length * inner)
  for (let row = 0; row < copies.length; row += 1) {
    const {source, row: sourceRow, from, count, to} = copies[row]!
    const data = elementsOf(source)
    const sourceLength = cacheLength(layout, source.dims)
    for (let block = 0; block < outer; block += 1) {
      const start = ((sourceRow * outer + block) * sourceLength + from) * inner
      target.set(data.subarray(start, start + count * inner), ((row * outer + block) * length + to) * inner)
    }
  }
  return new Tensor(type, target, cacheDims(layout, copies.length, length))
}

/**
 * The same tensor with only the given rows, which must rise: they are moved up in its own memory, nothing is allocated.
 * The tensor that was given is no longer valid.
 */
export function keepRows({type, layout}: Entry, tensor: Tensor, rows: Int32Array): Tensor {
  const length = cacheLength(layout, tensor.dims)
  const size = positionElements(layout) * length
  const data = elementsOf(tensor)
  for (let row = 0; row < rows.length; row += 1)
    data.copyWithin(row * size, rows[row]! * size, (rows[row]! + 1) * size)
  return new Tensor(type, data.subarray(0, rows.length * size), cacheDims(layout, rows.length, length))
}

/** How hidden states lie in memory, (rows, length, size). */
export function hiddenEntry(type: FloatType, size: number): Entry {
  return {type, layout: {axes: ['rows', 'length', size], rowFactor: 1}}
}

/** `assembleRows` for hidden states. */
export function assembleHidden(type: FloatType, length: number, copies: readonly RowCopy[]): Tensor {
  const size = copies[0]!.source.dims[2]!
  return assembleRows(hiddenEntry(type, size), length, copies)
}

/** The elements as they lie in memory: float32 values, or the bits of float16 values (newer Node gives them another class). */
export function elementsOf(tensor: Tensor): Float32Array | Uint16Array {
  const data = tensor.data
  if (data instanceof Float32Array || data instanceof Uint16Array) return data
  if (tensor.type === 'float16' && ArrayBuffer.isView(data))
    return new Uint16Array(data.buffer, data.byteOffset, tensor.size)
  throw new Error(`a cache tensor of type ${tensor.type}`)
}

function elements(type: FloatType, count: number): Float32Array | Uint16Array {
  return type === 'float32' ? new Float32Array(count) : new Uint16Array(count)
}
