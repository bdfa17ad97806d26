import {GraphBuilder} from '../onnx/write/graph-builder.ts'
import {fusedProduct} from './gradient/products.ts'

/** Coefficients of the quintic iteration and its count, from Keller Jordan's Muon (2024). */
const [LINEAR, CUBIC, QUINTIC] = [3.4445, -4.775, 2.0315]
const ITERATIONS = 5
const EPSILON = 1e-7

/**
 * Newton-Schulz orthogonalisation of matrices of one size: `matrices` -> `orthogonal`, both (count, rows, columns). All
 * singular values come near 1 (0.7 to 1.2), whatever the matrix's size; a matrix of zeros stays zero.
 */
export function orthogonaliseGraph(count: number, rows: number, columns: number): Uint8Array {
  const graph = new GraphBuilder('orthogonalise', {opset: 20, weights: undefined})
  const dims = [count, rows, columns]
  const input = graph.input('matrices', 'float32', dims)
  const size = graph.node('ReduceL2', [input, graph.integers([1, 2])], {attributes: {keepdims: 1}})
  let x = graph.node('Div', [input, graph.node('Add', [size, graph.float(EPSILON)])])
  // Products with the smaller side: X (a + b X'X + c (X'X)^2) where there are more rows, else (a + b XX' + ...) X.
  const isTall = rows > columns
  for (let iteration = 0; iteration < ITERATIONS; iteration++) {
    const square = fusedProduct(graph, x, x, isTall ? 'left' : 'right')
    const fourth = graph.node('Mul', [graph.node('MatMul', [square, square]), graph.float(QUINTIC)])
    const sum = graph.node('Add', [graph.node('Mul', [square, graph.float(CUBIC)]), fourth])
    const turned = isTall ? graph.node('MatMul', [x, sum]) : graph.node('MatMul', [sum, x])
    x = graph.node('Add', [graph.node('Mul', [x, graph.float(LINEAR)]), turned])
  }
  graph.node('Identity', [x], {outputs: ['orthogonal']})
  graph.output('orthogonal', 'float32', dims)
  return graph.toModel()
}
