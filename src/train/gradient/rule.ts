import type {GraphBuilder, GraphNode} from '../../onnx/write/graph-builder.ts'
import type {Dims} from './tape.ts'

/** One node of the forward graph with what is known of its inputs. */
export interface NodeUse {
  readonly node: GraphNode
  /** Dims by input; undefined for a constant that was computed in the graph (a mask, say), which never widens a result. */
  readonly inputs: readonly (Dims | undefined)[]
  /** The indices that undo those of an input, where the graph has them. */
  readonly inverse: (input: number) => string | undefined
  /** The values of a constant int64 vector that is an input. */
  readonly integers: (input: number) => readonly number[]
}

/** The same on the way back. */
export interface BackwardUse extends NodeUse {
  readonly graph: GraphBuilder
  readonly outputs: readonly Dims[]
  /** Gradient by output; undefined where nothing depends on it. */
  readonly gradients: readonly (string | undefined)[]
  /** Whether the gradient of an input is wanted. */
  readonly wants: (input: number) => boolean
  /** How many nodes read a value. */
  readonly uses: (name: string) => number
  /** Writes the sums over the last axis of a value times its gradient, for values of which they are had cheaply. */
  readonly rowSums: Map<string, () => string>
}

/** An operator's part of reverse-mode differentiation. */
export interface OperatorRule {
  outputs(use: NodeUse): readonly Dims[]
  /** Adds the vector-Jacobian products to the graph; the gradient of each input, where it is wanted. */
  backward(use: BackwardUse): readonly (string | undefined)[]
}

/** An axis counted from the front. */
export function fromFront(axis: number, rank: number): number {
  return axis < 0 ? axis + rank : axis
}

export function integerAttribute({attributes}: GraphNode, name: string, byDefault: number): number {
  const value = attributes[name]
  return typeof value === 'number' ? value : byDefault
}

export function floatAttribute({attributes}: GraphNode, name: string, byDefault: number): number {
  const value = attributes[name]
  return typeof value === 'object' && 'float' in value ? value.float : byDefault
}

/**
 * Gives a value the dims of another one. What only a batch settles is copied from the same axis, or follows from the rest;
 * where that leaves two sizes open, the other value is asked for its shape.
 * @param from dims of the value; @param like a value of the wanted dims
 */
export function reshaped(graph: GraphBuilder, value: string, from: Dims, wanted: Dims, like: string): string {
  const sizes = wanted.map((size, axis) => (typeof size === 'number' ? size : size === from[axis] ? 0 : -1))
  const isClear = sizes.filter((size) => size === -1).length < 2
  return graph.node('Reshape', [value, isClear ? graph.integers(sizes) : graph.node('Shape', [like])])
}

export function areEqual(left: Dims, right: Dims): boolean {
  return left.length === right.length && left.every((dim, axis) => dim === right[axis])
}

/** Dims of an input that is differentiated, hence known. */
export function known(dims: Dims | undefined): Dims {
  if (dims === undefined) throw new Error('a differentiated value has no dims')
  return dims
}

/** The gradient of a node with one output. */
export function onlyGradient({gradients, node}: BackwardUse): string {
  const [gradient] = gradients
  if (gradient === undefined) throw new Error(`${node.operator} is differentiated without a gradient`)
  return gradient
}
