import {fusedProduct} from '../onnx/network/internal-layers.ts'
import {GraphBuilder} from '../onnx/write/graph-builder.ts'

/** Coefficients of the quintic iteration and its count, from Keller Jordan's Muon (2024). */
const [LINEAR, CUBIC, QUINTIC] = [3.4445, -4.775, 2.0315]
const ITERATIONS = 5
const EPSILON = 1e-7
/** From this ratio of the sides on, iterating on the small square is less work. */
const OBLONG = 2

/**
 * Newton-Schulz orthogonalisation of matrices of one size: `matrices` -> `orthogonal`, both (count, rows, columns). All
 * singular values come near 1 (0.7 to 1.2), whatever the matrix's size; a matrix of zeros stays zero.
 */
export function orthogonaliseGraph(count: number, rows: number, columns: number): Uint8Array {
  const graph = new GraphBuilder('orthogonalise', {opset: 20, weights: undefined})
  const dims = [count, rows, columns]
  const input = graph.input('matrices', 'float32', dims)
  const size = graph.node('ReduceL2', [input, graph.integers([1, 2])], {attributes: {keepdims: 1}})
  const x = graph.node('Div', [input, graph.node('Add', [size, graph.float(EPSILON)])])
  const isTall = rows > columns
  const [short, long] = isTall ? [columns, rows] : [rows, columns]
  const result =
    long >= OBLONG * short ? onTheSquare(graph, x, isTall, short) : onTheMatrix(graph, x, isTall, short)
  graph.node('Identity', [result], {outputs: ['orthogonal']})
  graph.output('orthogonal', 'float32', dims)
  return graph.toModel()
}

/** Five times X <- M X with M = a + b A + c A A and A = X X', or X M and X'X where X is tall. */
function onTheMatrix(graph: GraphBuilder, x: string, isTall: boolean, short: number): string {
  let matrix = x
  for (let iteration = 0; iteration < ITERATIONS; iteration++) {
    const factor = factorOf(graph, gram(graph, matrix, isTall), short)
    matrix = graph.node('MatMul', isTall ? [matrix, factor] : [factor, matrix])
  }
  return matrix
}

/**
 * The same, but with the factors gathered: they are polynomials in the first A, so that A itself moves on as M A M, and X
 * is multiplied once, at the end. For sides of 1 to 4 that is 5/9 of the work. In float32 what is lost is small beside
 * the iteration's own spread; in half precision it would not be.
 */
function onTheSquare(graph: GraphBuilder, x: string, isTall: boolean, short: number): string {
  let square = gram(graph, x, isTall)
  let gathered: string | undefined
  for (let iteration = 0; iteration < ITERATIONS; iteration++) {
    const factor = factorOf(graph, square, short)
    gathered = gathered === undefined ? factor : graph.node('MatMul', [factor, gathered])
    if (iteration === ITERATIONS - 1) break
    square = graph.node('MatMul', [factor, graph.node('MatMul', [square, factor])])
  }
  return graph.node('MatMul', isTall ? [x, gathered ?? ''] : [gathered ?? '', x])
}

/** X'X of a tall matrix, X X' of another. */
function gram(graph: GraphBuilder, x: string, isTall: boolean): string {
  return fusedProduct(graph, x, x, isTall ? {isLeftTurned: true} : {isRightTurned: true})
}

/** a + b A + c A A = c (A + b/2c)^2 + a - b^2/4c: one product and two sums, where the terms one by one are five passes. */
function factorOf(graph: GraphBuilder, square: string, short: number): string {
  const shift = CUBIC / (2 * QUINTIC)
  const shifted = graph.node('Add', [square, multipleOfUnit(graph, shift, short)])
  const product = fusedProduct(graph, shifted, shifted, {alpha: QUINTIC})
  return graph.node('Add', [product, multipleOfUnit(graph, LINEAR - QUINTIC * shift ** 2, short)])
}

function multipleOfUnit(graph: GraphBuilder, factor: number, size: number): string {
  return graph.initializer(`unit_${factor}`, 'float32', [size, size], () =>
    Float32Array.from({length: size * size}, (_, at) => (at % (size + 1) === 0 ? factor : 0)),
  )
}
