import type {GraphBuilder} from '../../onnx/write/graph-builder.ts'
import {floatAttribute, known, type OperatorRule, onlyGradient} from './rule.ts'
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

/** alpha times batches by batches whose last axes are the ones summed over: scale * queries keys^T. */
export const fusedMatrixProduct: OperatorRule = {
  outputs: ({node, inputs}) => {
    const left = known(inputs[0])
    const right = known(inputs[1])
    if (left.length !== right.length || node.attributes['transA'] !== 0 || node.attributes['transB'] !== 1)
      throw new Error('FusedMatMul is differentiated only as batches by transposed batches')
    return [[...left.slice(0, -1), right.at(-2) ?? 1]]
  },
  backward: (use) => {
    const {graph, node, wants} = use
    const gradient = onlyGradient(use)
    const [left = '', right = ''] = node.inputs
    const alpha = floatAttribute(node, 'alpha', 1)
    return [
      wants(0) ? fusedProduct(graph, gradient, right, 'none', alpha) : undefined,
      wants(1) ? fusedProduct(graph, gradient, left, 'left', alpha) : undefined,
    ]
  },
}

/** alpha times a product whose one operand may be read transposed, without a copy. */
export function fusedProduct(
  graph: GraphBuilder,
  left: string,
  right: string,
  transposed: 'left' | 'right' | 'none',
  alpha = 1,
): string {
  return graph.node('FusedMatMul', [left, right], {
    domain: 'com.microsoft',
    attributes: {
      transA: transposed === 'left' ? 1 : 0,
      transB: transposed === 'right' ? 1 : 0,
      alpha: {float: alpha},
    },
  })
}
