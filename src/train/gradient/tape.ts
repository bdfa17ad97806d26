import type {GraphListener, GraphNode} from '../../onnx/write/graph-builder.ts'
import type {Size} from './size.ts'

/** Sizes of a tensor's axes. */
export type Dims = readonly Size[]

/** What was put into a graph, as far as its gradients need it. */
export interface Tape extends GraphListener {
  readonly nodes: readonly GraphNode[]
  /** Dims of inputs and stored tensors by name. */
  readonly tensors: ReadonlyMap<string, Dims>
  /** Constant int64 vectors by name. */
  readonly vectors: ReadonlyMap<string, readonly number[]>
  /** By indices that spread rows over more places: the places of the rows, by row. What lies elsewhere has no gradient. */
  readonly inverses: Map<string, string>
}

/** A tape to be the listener of one graph. */
export function newTape(): Tape {
  const nodes: GraphNode[] = []
  const tensors = new Map<string, Dims>()
  const vectors = new Map<string, readonly number[]>()
  return {
    nodes,
    tensors,
    vectors,
    inverses: new Map(),
    node: (node) => nodes.push(node),
    tensor: (name, dims) => tensors.set(name, dims),
    integers: (name, values) => vectors.set(name, values),
  }
}
