import type {GraphBuilder} from '../write/graph-builder.ts'
import {linearLayer, type NetworkGraph, rmsNorm, unitNorm} from './block.ts'
import {fusedProduct, headsFirstTurned, headsInRows, layersApart, type PackedRows} from './internal-layers.ts'
import {type Rotation, rotate} from './rotation.ts'
import {keyWidth, queryWidth} from './shape.ts'

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
