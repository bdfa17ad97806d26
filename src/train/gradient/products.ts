import {fusedProduct} from '../../onnx/network/internal-layers.ts'
import {
  type BackwardUse,
  floatAttribute,
  integerAttribute,
  known,
  type OperatorRule,
  onlyGradient,
} from './rule.ts'
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
    rememberRowSums(use)
    const toLeft = wants(0) ? fusedProduct(graph, gradient, right, {isRightTurned: true}) : undefined
    if (!wants(1)) return [toLeft]
    if (rightDims.length === leftDims.length)
      return [toLeft, fusedProduct(graph, left, gradient, {isLeftTurned: true})]
    // All rows of all batches go into one sum.
    const flat = (value: string, columns: Size): string =>
      graph.node('Reshape', [value, graph.integers([-1, Number(columns)])])
    const [rows = 1, columns = 1] = rightDims
    return [toLeft, fusedProduct(graph, flat(left, rows), flat(gradient, columns), {isLeftTurned: true})]
  },
}

/** alpha times batches by batches, of which the right ones may be read transposed. */
export const fusedMatrixProduct: OperatorRule = {
  outputs: ({node, inputs}) => {
    const left = known(inputs[0])
    const right = known(inputs[1])
    if (left.length !== right.length || integerAttribute(node, 'transA', 0) !== 0)
      throw new Error('FusedMatMul is differentiated only for batches by batches')
    return [[...left.slice(0, -1), right.at(isRightTurned(node) ? -2 : -1) ?? 1]]
  },
  backward: (use) => {
    const {graph, node, wants} = use
    const gradient = onlyGradient(use)
    const [left = '', right = ''] = node.inputs
    const alpha = floatAttribute(node, 'alpha', 1)
    const isTurned = isRightTurned(node)
    const toRight = isTurned ? [gradient, left] : [left, gradient]
    rememberRowSums(use)
    return [
      wants(0) ? fusedProduct(graph, gradient, right, {isRightTurned: !isTurned, alpha}) : undefined,
      wants(1)
        ? fusedProduct(graph, toRight[0] ?? '', toRight[1] ?? '', {isLeftTurned: true, alpha})
        : undefined,
    ]
  },
}

function isRightTurned(node: BackwardUse['node']): boolean {
  return integerAttribute(node, 'transB', 0) === 1
}

/** The rows of L times its gradient sum to the rows of the product times the product's gradient, which are shorter. */
function rememberRowSums(use: BackwardUse): void {
  const {graph, node, rowSums, uses} = use
  const [left = ''] = node.inputs
  const [product = ''] = node.outputs
  const gradient = onlyGradient(use)
  if (uses(left) !== 1) return
  rowSums.set(left, () =>
    graph.node('ReduceSum', [graph.node('Mul', [gradient, product]), graph.integers([-1])], {
      attributes: {keepdims: 1},
    }),
  )
}
