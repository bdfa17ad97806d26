import {GraphBuilder} from '../write/graph-builder.ts'
import type {Concatenation, Product} from './delta-pattern.ts'

/** What all rewritten attentions of a graph share. */
export interface DeltaGraph {
  readonly graph: GraphBuilder
  /** Positions in the cache, and of both cache and new ones: int64 (1). */
  readonly pastLength: string
  readonly newLength: string
  readonly totalLength: string
  /** The same as `totalLength`, as a scalar. */
  readonly total: string
  /** boolean (1) */
  readonly hasPast: string
}

/** Begins the nodes to be added: how long past and new are. `past`: any of the cache's tensors. */
export function deltaGraph(opset: number, past: string, ids: string): DeltaGraph {
  const graph = new GraphBuilder('delta', {opset, weights: undefined, prefix: 'slm_delta_'})
  const axis = (value: string, index: number): string =>
    graph.node('Gather', [graph.node('Shape', [value]), graph.integers([index])], {attributes: {axis: 0}})
  const pastLength = axis(past, 2)
  const newLength = axis(ids, 1)
  const totalLength = graph.node('Add', [pastLength, newLength])
  return {
    graph,
    pastLength,
    newLength,
    totalLength,
    total: graph.node('Squeeze', [totalLength, graph.integers([0])]),
    hasPast: graph.node('Greater', [pastLength, graph.integers([0])]),
  }
}

/**
 * Puts two products where one stood. Query heads that share a key head become rows of one product, so that keys and
 * values are neither repeated nor joined: (batch, heads, length, any) and (batch, key heads, group * length, any) lie
 * the same way in memory. `added`: the new positions alone.
 */
export function splitProduct(
  delta: DeltaGraph,
  {past, heads}: Concatenation,
  added: string,
  {part, product, isRepeated, scales}: Product,
): void {
  const {graph} = delta
  const [left = ''] = product.inputs
  let rows = left
  for (const {operator, factor} of scales) rows = graph.node(operator, [rows, factor])
  if (isRepeated) rows = graph.node('Reshape', [rows, graph.integers([0, heads, -1, 0])])
  const multiply = part === 'scores' ? scores : mixture
  // The prompt's run has no past: it computes what the file's own graph does, without copying scores.
  const grouped = graph.nodes('If', [delta.hasPast], 1, {
    attributes: {
      then_branch: {graph: branch(delta, 'then', (inside) => multiply(inside, rows, past, added))},
      else_branch: {graph: branch(delta, 'else', (inside) => multiply(inside, rows, undefined, added))},
    },
    ...(isRepeated ? {} : {outputs: product.outputs}),
  })[0]!
  if (!isRepeated) return
  const shape = graph.node('Gather', [graph.node('Shape', [left]), graph.integers([0, 1, 2])], {
    attributes: {axis: 0},
  })
  const whole = graph.node('Concat', [shape, graph.integers([-1])], {attributes: {axis: 0}})
  graph.node('Reshape', [grouped, whole], {outputs: product.outputs})
}

function branch(delta: DeltaGraph, name: string, write: (inside: DeltaGraph) => string): GraphBuilder {
  const graph = delta.graph.branch(`delta_${name}`)
  const output = write({...delta, graph})
  const dims = [0, 1, 2, 3].map((axis) => `${output}_axis_${axis}`)
  graph.output(output, 'float32', dims)
  return graph
}

/** Q [past | new]^T as [Q past^T | Q new^T]; without a past Q new^T. */
function scores({graph}: DeltaGraph, rows: string, past: string | undefined, added: string): string {
  const times = (keys: string): string =>
    graph.node('MatMul', [rows, graph.node('Transpose', [keys], {attributes: {perm: [0, 1, 3, 2]}})])
  if (past === undefined) return times(added)
  return graph.node('Concat', [times(past), times(added)], {attributes: {axis: 3}})
}

/** P [past | new] as P_past past + P_new new; without a past P new. */
function mixture(
  {graph, pastLength, totalLength}: DeltaGraph,
  rows: string,
  past: string | undefined,
  added: string,
): string {
  if (past === undefined) return graph.node('MatMul', [rows, added])
  const times = (from: string, to: string, values: string): string =>
    graph.node('MatMul', [graph.node('Slice', [rows, from, to, graph.integers([3])]), values])
  const ofPast = times(graph.integers([0]), pastLength, past)
  return graph.node('Add', [ofPast, times(pastLength, totalLength, added)])
}

/** What `Shape` of the concatenation gave: past's shape with the new positions added. */
export function wholeShape(
  {graph, newLength}: DeltaGraph,
  past: string,
  outputs?: readonly string[],
): string {
  const more = graph.node('Mul', [newLength, graph.integers([0, 0, 1, 0])])
  return graph.node('Add', [graph.node('Shape', [past]), more], outputs === undefined ? {} : {outputs})
}

/** What `Shape` of the repeated keys gave: the same with as many heads as the queries have. */
export function repeatedShape(
  delta: DeltaGraph,
  past: string,
  queries: string,
  outputs: readonly string[],
): void {
  const {graph} = delta
  const rest = graph.node('Mul', [wholeShape(delta, past), graph.integers([1, 0, 1, 1])])
  const heads = graph.node('Mul', [graph.node('Shape', [queries]), graph.integers([0, 1, 0, 0])])
  graph.node('Add', [rest, heads], {outputs})
}
