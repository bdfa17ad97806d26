import type {GraphBuilder} from '../write/graph-builder.ts'
import {quantizeBlocks, quantizeRows, toHalf, transpose} from './quantized.ts'
import type {WeightSource} from './weight-source.ts'

/**
 * How weights are stored. fp32 and fp16 compute in float32 (fp16 halves the file, not the work, since ONNX Runtime's CPU
 * kernels widen it). q8 and q4 are MatMulNBits in blocks; int8 rounds activations too, with one scale for the whole
 * tensor, so that a row's result depends on its neighbours.
 */
export const BUILD_DTYPES = ['fp32', 'fp16', 'q8', 'q4', 'int8'] as const
export type BuildDtype = (typeof BUILD_DTYPES)[number]

export interface Precision {
  readonly dtype: BuildDtype
  /** Values that share a scale, for q8 and q4: 32 is the most exact, 128 the fastest. */
  readonly blockSize: 16 | 32 | 64 | 128
  /** Of MatMulNBits: 4 rounds activations to int8 (2.4 times as fast), 0 computes in float32 and is batch invariant. */
  readonly accuracyLevel: 0 | 4
}

/** A stored matrix: (outputs, inputs), as PyTorch has it. */
export interface MatrixShape {
  readonly name: string
  readonly outputs: number
  readonly inputs: number
}

/** A float32 vector, e.g. a bias or the gain of a norm; never rounded. */
export function vector(graph: GraphBuilder, name: string, length: number, weights: WeightSource): string {
  return graph.initializer(name, 'float32', [length], () => weights(name))
}

/** x W^T + bias. `x`: (..., inputs); `bias`: the name of a stored vector (outputs), or '' for none. */
export function linear(
  graph: GraphBuilder,
  x: string,
  matrix: MatrixShape,
  bias: string,
  weights: WeightSource,
  precision: Precision,
): string {
  // MatMulNBits adds a bias itself: one node less, on a path where a node costs as much as a small product.
  if (precision.dtype === 'q8' || precision.dtype === 'q4')
    return blockProduct(graph, x, matrix, bias, weights, precision, precision.dtype === 'q4' ? 4 : 8)
  const result = product(graph, x, matrix, weights, precision.dtype)
  return bias === '' ? result : graph.node('Add', [result, bias])
}

function product(
  graph: GraphBuilder,
  x: string,
  matrix: MatrixShape,
  weights: WeightSource,
  dtype: 'fp32' | 'fp16' | 'int8',
): string {
  const {name, outputs, inputs} = matrix
  const turned = (): Float32Array => transpose(weights(name), outputs, inputs)
  switch (dtype) {
    case 'fp32':
      return graph.node('MatMul', [x, graph.initializer(name, 'float32', [inputs, outputs], turned)])
    case 'fp16': {
      const half = graph.initializer(name, 'float16', [inputs, outputs], () => toHalf(turned()))
      return graph.node('MatMul', [x, graph.node('Cast', [half], {attributes: {to: 1}})])
    }
    case 'int8': {
      const rounded = once(() => quantizeRows(weights(name), outputs, inputs))
      const codes = graph.initializer(`${name}.codes`, 'int8', [inputs, outputs], () =>
        transpose(rounded().codes, outputs, inputs),
      )
      const scales = graph.initializer(`${name}.scales`, 'float32', [outputs], () => rounded().scales)
      return integerProduct(graph, x, codes, scales)
    }
  }
}

/** MatMulNBits over `(outputs, blocks, bytes)` codes. */
export function blockProduct(
  graph: GraphBuilder,
  x: string,
  matrix: MatrixShape,
  bias: string,
  weights: WeightSource,
  {blockSize, accuracyLevel}: Precision,
  bits: 4 | 8,
): string {
  const {outputs, inputs} = matrix
  const [codes, scales] = storeBlocks(graph, matrix, weights, blockSize, bits)
  const inputNames = [x, codes, scales, ...(bias === '' ? [] : ['', '', bias])]
  return graph.node('MatMulNBits', inputNames, {
    domain: 'com.microsoft',
    attributes: {K: inputs, N: outputs, bits, block_size: blockSize, accuracy_level: accuracyLevel},
  })
}

/** Stores a matrix in blocks: codes (outputs, blocks, bytes) and scales (outputs, blocks). */
export function storeBlocks(
  graph: GraphBuilder,
  {name, outputs, inputs}: MatrixShape,
  weights: WeightSource,
  blockSize: number,
  bits: 4 | 8,
): readonly [string, string] {
  const blocks = Math.ceil(inputs / blockSize)
  const rounded = once(() => quantizeBlocks(weights(name), outputs, inputs, bits, blockSize))
  return [
    graph.initializer(
      `${name}.q${bits}`,
      'uint8',
      [outputs, blocks, (blockSize * bits) / 8],
      () => rounded().codes,
    ),
    graph.initializer(`${name}.q${bits}.scales`, 'float32', [outputs, blocks], () => rounded().scales),
  ]
}

/** Rounds x to uint8 with one scale, multiplies integers, scales back. `codes`: (inputs, outputs), `scales`: (outputs). */
export function integerProduct(graph: GraphBuilder, x: string, codes: string, scales: string): string {
  const [rounded = '', scale = '', zero = ''] = graph.nodes('DynamicQuantizeLinear', [x], 3)
  const sums = graph.node('MatMulInteger', [rounded, codes, zero])
  const factor = graph.node('Mul', [scale, scales])
  return graph.node('Mul', [graph.node('Cast', [sums], {attributes: {to: 1}}), factor])
}

function once<Value>(make: () => Value): () => Value {
  let made: {readonly value: Value} | undefined
  return () => {
    made ??= {value: make()}
    return made.value
  }
}
