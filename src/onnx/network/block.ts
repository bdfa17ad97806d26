import type {GraphBuilder} from '../write/graph-builder.ts'
import {fusedNorm, fusedUnitNorm, type PackedRows} from './internal-layers.ts'
import {linear, type Precision, vector} from './precision.ts'
import {type NetworkShape, queryWidth} from './shape.ts'
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
