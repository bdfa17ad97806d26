import {
  type BackwardUse,
  fromFront,
  integerAttribute,
  known,
  type OperatorRule,
  onlyGradient,
  reshaped,
} from './rule.ts'
import {productOf, quotientOf, type Size} from './size.ts'

/** Operators that move numbers and change none. */
export const identity: OperatorRule = {
  outputs: ({inputs}) => [known(inputs[0])],
  backward: (use) => [onlyGradient(use)],
}

export const reshape: OperatorRule = {
  outputs: ({inputs, integers}) => {
    const dims = known(inputs[0])
    const wanted = integers(1).map((size, axis) => (size === 0 ? (dims[axis] ?? 1) : size))
    const fixed = productOf(wanted.filter((size) => size !== -1))
    return [wanted.map((size) => (size === -1 ? quotientOf(productOf(dims), fixed) : size))]
  },
  backward: (use) => {
    const [input = ''] = use.node.inputs
    return [reshaped(use.graph, onlyGradient(use), known(use.outputs[0]), known(use.inputs[0]), input)]
  },
}

export const transpose: OperatorRule = {
  outputs: ({node, inputs}) => {
    const dims = known(inputs[0])
    return [permutation(node.attributes['perm']).map((axis) => dims[axis] ?? 1)]
  },
  backward: (use) => {
    const order = permutation(use.node.attributes['perm'])
    const back = order.map((_, axis) => order.indexOf(axis))
    return [use.graph.node('Transpose', [onlyGradient(use)], {attributes: {perm: back}})]
  },
}

export const split: OperatorRule = {
  outputs: ({node, inputs, integers}) => {
    const dims = known(inputs[0])
    const axis = fromFront(integerAttribute(node, 'axis', 0), dims.length)
    return integers(1).map((size) => dims.with(axis, size))
  },
  backward: (use) => {
    const parts = use.node.outputs.map((name, output) => use.gradients[output] ?? zeros(use, name))
    const axis = integerAttribute(use.node, 'axis', 0)
    return [use.graph.node('Concat', parts, {attributes: {axis}})]
  },
}

export const concatenate: OperatorRule = {
  outputs: ({node, inputs}) => {
    const all = inputs.map(known)
    const first = known(all[0])
    const axis = fromFront(integerAttribute(node, 'axis', 0), first.length)
    return [
      first.with(
        axis,
        all.reduce((total, dims) => total + counted(dims[axis]), 0),
      ),
    ]
  },
  backward: (use) => {
    const axis = fromFront(integerAttribute(use.node, 'axis', 0), known(use.outputs[0]).length)
    const sizes = use.inputs.map((dims) => counted(known(dims)[axis]))
    return use.graph.nodes('Split', [onlyGradient(use), use.graph.integers(sizes)], sizes.length, {
      attributes: {axis},
    })
  },
}

/** Turned by the same angles the other way. */
export const rotation: OperatorRule = {
  outputs: ({inputs}) => [known(inputs[0])],
  backward: (use) => {
    const {graph, node} = use
    const [, positions = '', cosines = '', sines = ''] = node.inputs
    const back = graph.node('Neg', [sines])
    return [
      graph.node('RotaryEmbedding', [onlyGradient(use), positions, cosines, back], {domain: 'com.microsoft'}),
    ]
  },
}

/**
 * Rows by their indices: either none of them twice (a vector made in the graph), then rows that were not chosen have no
 * gradient, or spread over places of which the tape knows the inverse.
 */
export const chosenRows: OperatorRule = {
  outputs: ({node, inputs}) => [
    [...(inputs[1] ?? [`rows_of_${node.outputs[0]}`]), ...known(inputs[0]).slice(1)],
  ],
  backward: (use) => {
    const {graph, node} = use
    const [table = '', indices = ''] = node.inputs
    const gradient = onlyGradient(use)
    const places = use.inverse(1)
    if (places === undefined) {
      const column = graph.node('Unsqueeze', [indices, graph.integers([1])])
      return [graph.node('ScatterND', [zeros(use, table), column, gradient])]
    }
    const width = counted(known(use.inputs[0])[1])
    return [graph.node('Gather', [graph.node('Reshape', [gradient, graph.integers([-1, width])]), places])]
  },
}

function zeros({graph}: BackwardUse, like: string): string {
  return graph.node('ConstantOfShape', [graph.node('Shape', [like])])
}

function counted(size: Size | undefined): number {
  if (typeof size !== 'number') throw new Error(`Concat along ${size} is not differentiated`)
  return size
}

function permutation(value: unknown): readonly number[] {
  if (!Array.isArray(value)) throw new Error('Transpose without perm is not differentiated')
  return value.map(Number)
}
