import type {GraphBuilder} from '../../onnx/write/graph-builder.ts'
import {known, type OperatorRule, onlyGradient} from './rule.ts'
import type {Size} from './size.ts'

/** Rows times one matrix, or batches times batches of the same leading axes. */
export const matrixProduct: OperatorRule = {
  outputs: ({inputs}) => {
    const left = known(inputs[0])
    const right = known(inputs[1])
    if (right.length !== 2 && right.length !== left.length)
      throw new Error(`MatMul of ranks ${left.length} and ${right.length} is not differentiated`)
    return [[...left.slice(0, -1), right.at(-1) ?? 1]]
  },
  backward: (use) => {
    const {graph, node, inputs, wants} = use
    const gradient = onlyGradient(use)
    const [left = '', right = ''] = node.inputs
    const leftDims = known(inputs[0])
    const rightDims = known(inputs[1])
    const toLeft = wants(0) ? fusedProduct(graph, gradient, right, 'right') : undefined
    if (!wants(1)) return [toLeft]
    if (rightDims.length === leftDims.length) return [toLeft, fusedProduct(graph, left, gradient, 'left')]
    // All rows of all batches go into one sum.
    const flat = (value: string, columns: Size): string =>
      graph.node('Reshape', [value, graph.integers([-1, Number(columns)])])
    const [rows = 1, columns = 1] = rightDims
    return [toLeft, fusedProduct(graph, flat(left, rows), flat(gradient, columns), 'left')]
  },
}

/** A product whose one operand is read transposed, without a copy. */
export function fusedProduct(
  graph: GraphBuilder,
  left: string,
  right: string,
  transposed: 'left' | 'right' | 'none',
): string {
  return graph.node('FusedMatMul', [left, right], {
    domain: 'com.microsoft',
    attributes: {
      transA: transposed === 'left' ? 1 : 0,
      transB: transposed === 'right' ? 1 : 0,
      alpha: {float: 1},
    },
  })
}
