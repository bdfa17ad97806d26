import type {GraphBuilder} from '../write/graph-builder.ts'
import type {NetworkGraph} from './block.ts'
import {vector} from './precision.ts'
import type {Rotation} from './rotation.ts'

/** How tokens without padding lie in padded rows. */
export interface PackedRows {
  /** (tokens, width) to (batch, length, width); padding holds what some token holds. */
  toRows(x: string): string
  /** (batch, length, width) to (tokens, width) */
  toTokens(x: string): string
}

/** Begins the names of gains that are all ones: a gradient need not multiply by them. */
export const UNIT_GAIN = 'ones'
const EPSILON = 1e-6

/** x / rms(x) * gain over the last axis. Its second output, the inverse root, is what the gradient needs. */
export function fusedNorm(graph: GraphBuilder, x: string, gain: string): string {
  const attributes = {axis: -1, epsilon: {float: EPSILON}, stash_type: 1}
  const [normed = ''] = graph.nodes('SimplifiedLayerNormalization', [x, gain], 2, {attributes})
  return normed
}

/** The same without a gain. */
export function fusedUnitNorm(graph: GraphBuilder, x: string, width: number): string {
  const ones = graph.initializer(`${UNIT_GAIN}_${width}`, 'float32', [width], () =>
    new Float32Array(width).fill(1),
  )
  return fusedNorm(graph, x, ones)
}

/**
 * Linear layers that read the same x and are stored as one matrix, each by a product of its own: to split the matrix costs
 * less than to split what it gives. Results are (..., widths[i]).
 */
export function layersApart(
  {graph, shape, weights}: NetworkGraph,
  x: string,
  name: string,
  widths: readonly number[],
  inputs: number,
): readonly string[] {
  const all = widths.reduce((total, width) => total + width, 0)
  const apart = (stored: string, axis: number): readonly string[] =>
    graph.nodes('Split', [stored, graph.integers(widths)], widths.length, {attributes: {axis}})
  const matrix = graph.initializer(`${name}.weight`, 'float32', [inputs, all], () =>
    weights(`${name}.weight`),
  )
  const products = apart(matrix, 1).map((part) => graph.node('MatMul', [x, part]))
  if (!shape.hasBiases) return products
  const biases = apart(vector(graph, `${name}.bias`, all, weights), 0)
  return products.map((product, at) => graph.node('Add', [product, biases[at] ?? '']))
}

export interface HeadOptions {
  readonly heads: number
  /** Each head is brought to unit size. */
  readonly isUnit: boolean
  /** Each head is turned by its position: as `rotate` does, in one node. */
  readonly rotation?: Rotation
}

/** (tokens, heads * head size) to (batch, length, heads, head size), with what is done to heads on the way. */
export function headsInRows(
  {graph, shape: {headSize}}: NetworkGraph,
  {toRows}: PackedRows,
  x: string,
  {heads, isUnit, rotation}: HeadOptions,
): string {
  const reshape = (value: string, sizes: readonly number[]): string =>
    graph.node('Reshape', [value, graph.integers(sizes)])
  const sized = isUnit
    ? reshape(fusedUnitNorm(graph, reshape(x, [0, heads, headSize]), headSize), [0, heads * headSize])
    : x
  const rows = toRows(sized)
  if (!rotation) return reshape(rows, [0, 0, heads, headSize])
  const table = (angles: string): string => reshape(angles, [-1, headSize / 2])
  const inputs = [rows, graph.integers([0]), table(rotation.cosines), table(rotation.sines)]
  return reshape(graph.node('RotaryEmbedding', inputs, {domain: 'com.microsoft'}), [0, 0, heads, headSize])
}

/**
 * (batch, length, heads, head size) to (batch, heads, head size, length). Gradients of keys and values are then products
 * that read the small operand transposed, not the table of weights.
 */
export function headsFirstTurned(graph: GraphBuilder, x: string): string {
  return graph.node('Transpose', [x], {attributes: {perm: [0, 2, 3, 1]}})
}

export interface ProductOptions {
  readonly isLeftTurned?: boolean
  readonly isRightTurned?: boolean
  readonly alpha?: number
}

/** alpha times a product, either operand of which may be read transposed, without a copy. */
export function fusedProduct(
  graph: GraphBuilder,
  left: string,
  right: string,
  {isLeftTurned = false, isRightTurned = false, alpha = 1}: ProductOptions = {},
): string {
  return graph.node('FusedMatMul', [left, right], {
    domain: 'com.microsoft',
    attributes: {transA: isLeftTurned ? 1 : 0, transB: isRightTurned ? 1 : 0, alpha: {float: alpha}},
  })
}
