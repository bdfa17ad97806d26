import type {GraphBuilder} from '../write/graph-builder.ts'
import {
  fusedNorm,
  fusedProduct,
  fusedUnitNorm,
  headsFirstTurned,
  headsInRows,
  layersApart,
  type PackedRows,
} from './internal-layers.ts'
import {linear, type Precision, vector} from './precision.ts'
import {keyWidth, type NetworkShape, queryWidth} from './shape.ts'
import type {WeightSource} from './weight-source.ts'

/** A graph being written and what its weights are. */
export interface NetworkGraph {
  readonly graph: GraphBuilder
  readonly shape: NetworkShape
  readonly weights: WeightSource
  readonly precision: Precision
  /**
   * A graph that never leaves this program: x is (tokens, width) outside attention, padding left out, and nodes are ONNX
   * Runtime's own where those are fewer and have simple gradients.
   */
  readonly packed?: PackedRows
}

const EPSILON = 1e-6

/** x / rms(x) * gain, in float32. These six nodes are the pattern that ONNX Runtime fuses into one. */
export function rmsNorm(network: NetworkGraph, x: string, name: string): string {
  const {graph, shape, weights} = network
  const gain = (): string => vector(graph, name, shape.width, weights)
  if (network.packed) return fusedNorm(graph, x, gain())
  return graph.node('Mul', [unitSize(graph, x), gain()])
}

/** x / rms(x) over the last axis, whose size is `width`: a norm without a gain. */
export function unitNorm({graph, packed}: NetworkGraph, x: string, width: number): string {
  return packed ? fusedUnitNorm(graph, x, width) : unitSize(graph, x)
}

function unitSize(graph: GraphBuilder, x: string): string {
  const square = graph.node('Pow', [x, graph.float(2)])
  const mean = graph.node('ReduceMean', [square, graph.integers([-1])], {attributes: {keepdims: 1}})
  const root = graph.node('Sqrt', [graph.node('Add', [mean, graph.float(EPSILON)])])
  return graph.node('Div', [x, root])
}

/** The stored linear layer `name` on x (..., inputs). */
export function linearLayer(
  {graph, shape, weights, precision}: NetworkGraph,
  x: string,
  name: string,
  outputs: number,
  inputs: number,
): string {
  const bias = shape.hasBiases ? vector(graph, `${name}.bias`, outputs, weights) : ''
  return linear(graph, x, {name: `${name}.weight`, outputs, inputs}, bias, weights, precision)
}

/** x + down(gelu(up(norm(x)))), GELU in its tanh form. */
export function feedForward(network: NetworkGraph, x: string, prefix: string): string {
  const {graph, shape} = network
  const normed = rmsNorm(network, x, `${prefix}.feed_forward.norm`)
  const inner = linearLayer(network, normed, `${prefix}.feed_forward.up`, shape.feedForward, shape.width)
  const active = graph.node('Gelu', [inner], {attributes: {approximate: 'tanh'}})
  const outer = linearLayer(network, active, `${prefix}.feed_forward.down`, shape.width, shape.feedForward)
  return graph.node('Add', [x, outer])
}

/** The residual sum after an attention's output projection. `context`: (batch, length, query width) */
export function addOutput(network: NetworkGraph, x: string, context: string, name: string): string {
  const {graph, shape} = network
  const projected = linearLayer(network, context, `${name}.output`, shape.width, queryWidth(shape))
  return graph.node('Add', [x, projected])
}

/** Queries, keys and values of a self-attention: queries grouped by key head, all rotated by position. */
export interface Projections {
  /** (batch, key heads, group * length, head size), rows of one query head together */
  readonly queries: string
  /** (batch, key heads, length, head size); in internal graphs the last two axes are swapped */
  readonly keys: string
  readonly values: string
}

export function selfProjections(
  network: NetworkGraph,
  x: string,
  prefix: string,
  rotation: Rotation,
): Projections {
  const {graph} = network
  const normed = rmsNorm(network, x, `${prefix}.attention.norm`)
  const name = `${prefix}.attention.query_key_value`
  const {packed} = network
  const [queries = '', keys = '', values = ''] = packed
    ? projectedApart(network, packed, normed, name, rotation)
    : projectedTogether(network, normed, name, rotation)
  const turn = packed ? headsFirstTurned : headsFirst
  return {queries: groupQueries(network, queries), keys: turn(graph, keys), values: turn(graph, values)}
}

/** Queries, keys, both rotated, and values: (batch, length, heads, head size) each. */
function projectedTogether(
  network: NetworkGraph,
  x: string,
  name: string,
  rotation: Rotation,
): readonly string[] {
  const {graph, shape} = network
  const {heads, keyValueHeads, headSize, width} = shape
  const packed = linearLayer(network, x, name, queryWidth(shape) + 2 * keyWidth(shape), width)
  const split = graph.node('Reshape', [packed, graph.integers([0, 0, heads + 2 * keyValueHeads, headSize])])
  const [turning = '', values = ''] = graph.nodes(
    'Split',
    [split, graph.integers([heads + keyValueHeads, keyValueHeads])],
    2,
    {attributes: {axis: 2}},
  )
  const sized = shape.hasUnitHeads ? unitNorm(network, turning, headSize) : turning
  const rotated = rotate(graph, sized, rotation, headSize)
  const [queries = '', keys = ''] = graph.nodes(
    'Split',
    [rotated, graph.integers([heads, keyValueHeads])],
    2,
    {attributes: {axis: 2}},
  )
  return [queries, keys, values]
}

/** The same by three products, from packed x. */
function projectedApart(
  network: NetworkGraph,
  packed: PackedRows,
  x: string,
  name: string,
  rotation: Rotation,
): readonly string[] {
  const {shape} = network
  const {heads, keyValueHeads, width} = shape
  const widths = [queryWidth(shape), keyWidth(shape), keyWidth(shape)]
  const [queries = '', keys = '', values = ''] = layersApart(network, x, name, widths, width)
  const turned = {isUnit: shape.hasUnitHeads ?? false, rotation}
  return [
    headsInRows(network, packed, queries, {heads, ...turned}),
    headsInRows(network, packed, keys, {heads: keyValueHeads, ...turned}),
    headsInRows(network, packed, values, {heads: keyValueHeads, isUnit: false}),
  ]
}

/** (batch, length, heads, head size) to (batch, heads, length, head size) */
export function headsFirst(graph: GraphBuilder, x: string): string {
  return graph.node('Transpose', [x], {attributes: {perm: [0, 2, 1, 3]}})
}

/**
 * (batch, length, heads, head size) to (batch, key heads, group * length, head size): the query heads that read one key
 * head become rows of one product, so that keys and values are never repeated. The scale goes in here, but for internal
 * graphs, whose products have one.
 */
export function groupQueries({graph, shape, packed}: NetworkGraph, queries: string): string {
  const {heads, keyValueHeads, headSize} = shape
  const group = heads / keyValueHeads
  const scaled = packed ? queries : graph.node('Mul', [queries, graph.float(1 / Math.sqrt(headSize))])
  const split = graph.node('Reshape', [scaled, graph.integers([0, 0, keyValueHeads, group, headSize])])
  const turned = graph.node('Transpose', [split], {attributes: {perm: [0, 2, 3, 1, 4]}})
  return graph.node('Reshape', [turned, graph.integers([0, keyValueHeads, -1, headSize])])
}

/**
 * softmax(Q K^T + bias) V, heads joined again.
 * @param queries as `groupQueries` gives them
 * @param keys (batch, key heads, source length, head size), as `values`; in internal graphs the last two axes are swapped
 * @param bias (batch or 1, 1, group * length or 1, source length): 0 keeps, the lowest float hides
 * @returns (batch, length, query width), packed where the graph is
 */
export function attend(
  {graph, shape, packed}: NetworkGraph,
  queries: string,
  keys: string,
  values: string,
  bias: string,
): string {
  const {heads, keyValueHeads, headSize} = shape
  const turned = (): string => graph.node('Transpose', [keys], {attributes: {perm: [0, 1, 3, 2]}})
  const products = packed
    ? fusedProduct(graph, queries, keys, {alpha: 1 / Math.sqrt(headSize)})
    : graph.node('MatMul', [queries, turned()])
  const scores = graph.node('Add', [products, bias])
  const weights = graph.node('Softmax', [scores], {attributes: {axis: -1}})
  const mixed = packed
    ? fusedProduct(graph, weights, values, {isRightTurned: true})
    : graph.node('MatMul', [weights, values])
  const split = graph.node('Reshape', [
    mixed,
    graph.integers([0, keyValueHeads, heads / keyValueHeads, -1, headSize]),
  ])
  const joined = graph.node('Transpose', [split], {attributes: {perm: [0, 3, 1, 2, 4]}})
  const context = graph.node('Reshape', [joined, graph.integers([0, 0, heads * headSize])])
  return packed ? packed.toTokens(context) : context
}

/** Cosines and sines by position: (batch or 1, length, 1, head size / 2) each. */
export interface Rotation {
  readonly cosines: string
  readonly sines: string
}

/** x1, x2 (halves of each head) to x1 cos - x2 sin, x2 cos + x1 sin. `x`: (batch, length, heads, head size) */
function rotate(graph: GraphBuilder, x: string, {cosines, sines}: Rotation, headSize: number): string {
  const half = headSize / 2
  const [first = '', second = ''] = graph.nodes('Split', [x, graph.integers([half, half])], 2, {
    attributes: {axis: -1},
  })
  const times = (value: string, factor: string): string => graph.node('Mul', [value, factor])
  const left = graph.node('Sub', [times(first, cosines), times(second, sines)])
  const right = graph.node('Add', [times(second, cosines), times(first, sines)])
  return graph.node('Concat', [left, right], {attributes: {axis: -1}})
}
