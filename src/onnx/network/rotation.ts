import type {GraphBuilder} from '../write/graph-builder.ts'
import type {NetworkGraph} from './block.ts'
import type {NetworkShape} from './shape.ts'

/** Cosines and sines by position: (batch or 1, length, 1, head size / 2) each. */
export interface Rotation {
  readonly cosines: string
  readonly sines: string
}

/**
 * Angles are computed from the positions, not looked up, so that no table ends.
 * @param positions int64 (batch or 1, length)
 * @param frequencies (head size / 2)
 */
export function rotationAt(graph: GraphBuilder, positions: string, frequencies: string): Rotation {
  const numbers = graph.node('Cast', [positions], {attributes: {to: 1}})
  const column = graph.node('Unsqueeze', [numbers, graph.integers([2, 3])])
  const angles = graph.node('Mul', [column, frequencies])
  return {cosines: graph.node('Cos', [angles]), sines: graph.node('Sin', [angles])}
}

/** theta^(-2i/d), the frequencies of RoPE. */
export function frequencies({graph, shape}: NetworkGraph): string {
  const {headSize, ropeTheta} = shape
  return graph.initializer('rotary.inv_freq', 'float32', [headSize / 2], () =>
    Float32Array.from({length: headSize / 2}, (_, index) => ropeTheta ** ((-2 * index) / headSize)),
  )
}

/**
 * The frequencies for a padded input of `length` tokens (int64 scalar) under dynamic NTK scaling: beyond the context
 * length n0 the base becomes theta * (f * n / n0 - (f - 1))^(d / (d - 2)), as in the paper's code.
 */
export function scaledFrequencies({graph, shape}: NetworkGraph, length: string): string {
  const {headSize, ropeTheta, ropeFactor, contextLength} = shape
  const longest = graph.node('Max', [
    graph.node('Cast', [length], {attributes: {to: 1}}),
    graph.float(contextLength),
  ])
  const stretched = graph.node('Mul', [longest, graph.float(ropeFactor / contextLength)])
  const growth = graph.node('Pow', [
    graph.node('Sub', [stretched, graph.float(ropeFactor - 1)]),
    graph.float(headSize / (headSize - 2)),
  ])
  const base = graph.node('Mul', [growth, graph.float(ropeTheta)])
  return graph.node('Pow', [base, exponents(graph, shape)])
}

/** x1, x2 (halves of each head) to x1 cos - x2 sin, x2 cos + x1 sin. `x`: (batch, length, heads, head size) */
export function rotate(graph: GraphBuilder, x: string, {cosines, sines}: Rotation, headSize: number): string {
  const half = headSize / 2
  const [first = '', second = ''] = graph.nodes('Split', [x, graph.integers([half, half])], 2, {
    attributes: {axis: -1},
  })
  const times = (value: string, factor: string): string => graph.node('Mul', [value, factor])
  const left = graph.node('Sub', [times(first, cosines), times(second, sines)])
  const right = graph.node('Add', [times(second, cosines), times(first, sines)])
  return graph.node('Concat', [left, right], {attributes: {axis: -1}})
}

function exponents(graph: GraphBuilder, {headSize}: NetworkShape): string {
  return graph.initializer('rotary.inv_freq_exponents', 'float32', [headSize / 2], () =>
    Float32Array.from({length: headSize / 2}, (_, index) => (-2 * index) / headSize),
  )
}
