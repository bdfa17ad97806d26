import type {GraphBuilder} from '../write/graph-builder.ts'

/** Added to a score, it leaves nothing of it; a row that sees nothing attends evenly to all, as in the paper's code. */
const LOWEST = -3.4028234663852886e38

/** Boolean (true = keep) to what is added to scores. */
export function scoreBias(graph: GraphBuilder, keep: string): string {
  return graph.node('Where', [keep, graph.float(0), graph.float(LOWEST)])
}

/** int64 (batch, length), 1 = keep, to boolean. */
export function asBoolean(graph: GraphBuilder, mask: string): string {
  return graph.node('Cast', [mask], {attributes: {to: 9}})
}

/** (batch, length) to (batch, 1, 1, length) */
export function asKeyMask(graph: GraphBuilder, mask: string): string {
  return graph.node('Unsqueeze', [mask, graph.integers([1, 2])])
}

/** Tokens that are not padding: boolean, shaped as `ids`. */
export function isToken(graph: GraphBuilder, ids: string, padToken: number): string {
  return graph.node('Not', [graph.node('Equal', [ids, graph.integer(padToken)])])
}

/** Size of one axis: int64 scalar. */
export function sizeOf(graph: GraphBuilder, x: string, axis: number): string {
  return graph.node('Gather', [graph.node('Shape', [x]), graph.integer(axis)], {attributes: {axis: 0}})
}

/** 0, 1, ... length - 1: int64 (length) */
export function range(graph: GraphBuilder, start: string, end: string): string {
  return graph.node('Range', [start, end, graph.integer(1)])
}

/**
 * Which keys each new position may see by order alone: boolean (1, 1, length, past + length).
 * @param past length of the cache, int64 scalar; @param length new positions, int64 scalar
 */
export function causalMask(graph: GraphBuilder, past: string, length: string): string {
  const total = graph.node('Add', [past, length])
  const keys = range(graph, graph.integer(0), total)
  const queries = graph.node('Unsqueeze', [range(graph, past, total), graph.integers([0, 1, 3])])
  return graph.node('LessOrEqual', [keys, queries])
}

/** Repeats a bias (batch, 1, length, keys) for each query head of a group: (batch, 1, group * length, keys). */
export function forGroup(graph: GraphBuilder, bias: string, group: number): string {
  if (group === 1) return bias
  return graph.node(
    'Concat',
    Array.from({length: group}, () => bias),
    {attributes: {axis: 2}},
  )
}
