import {dirname} from 'node:path'
import * as ort from 'onnxruntime-node'

export type Feeds = Record<string, ort.Tensor>

/** int64 tensor. */
export function int64(values: readonly number[], dims: readonly number[]): ort.Tensor {
  return new ort.Tensor('int64', BigInt64Array.from(values, BigInt), dims)
}

/** An empty cache, (rows, key heads, 0, head size). */
export function emptyCache(rows: number, heads: number, size: number): ort.Tensor {
  return new ort.Tensor('float32', new Float32Array(0), [rows, heads, 0, size])
}

/** A session on a path or on bytes; `path` says where external data lies. */
export function openGraph(bytes: Uint8Array, path = '.'): Promise<ort.InferenceSession> {
  return ort.InferenceSession.create(bytes, {
    executionProviders: ['cpu'],
    intraOpNumThreads: 1,
    extra: {session: {model_external_initializers_file_folder_path: dirname(path)}},
  })
}

/** Numbers of a float output. */
export function numbers(tensor: ort.Tensor | undefined): Float32Array {
  if (!(tensor?.data instanceof Float32Array)) throw new TypeError('the output is not float32')
  return tensor.data
}

/** Largest absolute difference. */
export function distance(left: ArrayLike<number>, right: ArrayLike<number>): number {
  if (left.length !== right.length) throw new RangeError(`${left.length} and ${right.length} numbers`)
  let largest = 0
  for (let index = 0; index < left.length; index++)
    largest = Math.max(largest, Math.abs((left[index] ?? Number.NaN) - (right[index] ?? Number.NaN)))
  return largest
}
