import type {Tensor} from 'onnxruntime-node'
import {elementsOf} from './cache-tensor.ts'

/**
 * The logits of one position of each row as float32, (rows, vocabulary).
 * `logits`: (rows, length, vocabulary) or (rows, vocabulary); `position(row)`: which position of a row.
 * Without a copy where the graph gives one float32 position a row.
 */
export function lastLogits(
  logits: Tensor,
  position: (row: number) => number,
  half: Float32Array,
): Float32Array {
  const data = elementsOf(logits)
  const rows = logits.dims[0]!
  const length = logits.dims.length === 3 ? logits.dims[1]! : 1
  const vocabulary = logits.dims.at(-1)!
  if (data instanceof Float32Array && length === 1) return data
  const chosen = new Float32Array(rows * vocabulary)
  for (let row = 0; row < rows; row += 1) {
    const start = (row * length + (length === 1 ? 0 : position(row))) * vocabulary
    const slice = data.subarray(start, start + vocabulary)
    if (slice instanceof Float32Array) chosen.set(slice, row * vocabulary)
    else
      for (let token = 0; token < vocabulary; token += 1)
        chosen[row * vocabulary + token] = half[slice[token]!]!
  }
  return chosen
}

/** Rows `order` of (any, vocabulary). */
export function selectLogits(logits: Float32Array, vocabulary: number, order: Int32Array): Float32Array {
  const chosen = new Float32Array(order.length * vocabulary)
  for (let row = 0; row < order.length; row += 1) {
    chosen.set(logits.subarray(order[row]! * vocabulary, (order[row]! + 1) * vocabulary), row * vocabulary)
  }
  return chosen
}
