/** Weights by name, as PyTorch stores them; nothing is read before it is asked for. */
export type StateDict = ReadonlyMap<string, StoredTensor>

export interface StoredTensor {
  readonly dims: readonly number[]
  /** Elements in float32, row-major. */
  read(): Float32Array
}
