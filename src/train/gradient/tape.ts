import type {GraphListener, GraphNode} from '../../onnx/write/graph-builder.ts'

/** Sizes of a tensor's axes; training graphs know them all. */
export type Dims = readonly number[]

/** What was put into a graph, as far as its gradients need it. */
export interface Tape extends GraphListener {
  readonly nodes: readonly GraphNode[]
  /** Dims of inputs and stored tensors by name. */
  readonly tensors: ReadonlyMap<string, Dims>
  /** Constant int64 vectors by name. */
  readonly vectors: ReadonlyMap<string, readonly number[]>
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
    node: (node) => nodes.push(node),
    tensor: (name, dims) => {
      const sizes = dims.filter((dim) => typeof dim === 'number')
      if (sizes.length === dims.length) tensors.set(name, sizes)
    },
    integers: (name, values) => vectors.set(name, values),
  }
}
