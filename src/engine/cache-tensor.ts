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
export function assembleRows(entry: Entry, length: number, copies: readonly RowCopy[]): Tensor {
  const {type, layout} = entry
  const target = elements(type, copies.length * positionElements(layout) * length)
  copies.forEach((copy, row) => {
    copyRow(entry, length, target, row, copy)
  })
  return new Tensor(type, target, cacheDims(layout, copies.length, length))
}

/** Writes one row of (rows, outer, length, inner). */
export function copyRow(
  {layout}: Entry,
  length: number,
  target: Float32Array | Uint16Array,
  row: number,
  {source, row: sourceRow, from, count, to}: RowCopy,
): void {
  const {outer, inner} = cacheBlocks(layout)
  const data = elementsOf(source)
  const sourceLength = cacheLength(layout, source.dims)
  for (let block = 0; block < outer; block += 1) {
    const start = ((sourceRow * outer + block) * sourceLength + from) * inner
    target.set(data.subarray(start, start + count * inner), ((row * outer + block) * length + to) * inner)
  }
}

/**
 * The tensor with further rows of the same length behind its own; in its own memory where an earlier call left room there, so
 * that batches which are put together from several parts copy each once. `roomFor`: rows to take memory for, where it is
 * more than there are. The tensor that was given is no longer valid.
 */
export function addRows(entry: Entry, tensor: Tensor, copies: readonly RowCopy[], roomFor = 0): Tensor {
  const {type, layout} = entry
  const length = cacheLength(layout, tensor.dims)
  const size = positionElements(layout) * length
  const data = elementsOf(tensor)
  const rows = data.length / size
  const total = rows + copies.length
  const inPlace = roomBehind(data, total * size)
  const target = inPlace ?? elements(type, Math.max(total, roomFor) * size).subarray(0, total * size)
  if (inPlace) target.fill(0, rows * size)
  else target.set(data)
  copies.forEach((copy, index) => {
    copyRow(entry, length, target, rows + index, copy)
  })
  return new Tensor(type, target, cacheDims(layout, total, length))
}

/** The same memory with so many elements from the same one on; undefined where it ends before. */
function roomBehind(data: Float32Array | Uint16Array, count: number): Float32Array | Uint16Array | undefined {
  if (data.byteOffset + count * data.BYTES_PER_ELEMENT > data.buffer.byteLength) return undefined
  return data instanceof Float32Array
    ? new Float32Array(data.buffer, data.byteOffset, count)
    : new Uint16Array(data.buffer, data.byteOffset, count)
}

/** Whether no row is written over before it has moved when each goes up to its place, the first place first. */
export function canMoveUp(rows: Int32Array): boolean {
  return rows.every((from, to) => from >= to)
}

/**
 * The same tensor with only the given rows, which `canMoveUp`: they are moved in its own memory, nothing is allocated.
 * The tensor that was given is no longer valid.
 */
export function keepRows({type, layout}: Entry, tensor: Tensor, rows: Int32Array): Tensor {
  const length = cacheLength(layout, tensor.dims)
  const size = positionElements(layout) * length
  const data = elementsOf(tensor)
  rows.forEach((from, to) => {
    if (from !== to) data.copyWithin(to * size, from * size, (from + 1) * size)
  })
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
