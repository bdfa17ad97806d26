import {openArrayGraph} from '../../engine/array-graph.ts'
import {GraphBuilder} from '../../onnx/write/graph-builder.ts'
import type {MachineRates, MeasuredRate} from '../process/messages.ts'

/** Matrices of 64 MiB, four of them: far more than the caches of two cores hold. */
const [SIDE, MATRICES] = [4096, 4]
const WEIGHT_BYTES = 4 * SIDE * SIDE * MATRICES
/** Side of the large product; larger ones are no faster (runtime notes: 1024, 2048 and 4096 within 5%). */
const PRODUCT_SIDE = 2048
const SAMPLES = 8

/**
 * What bounds every model on this machine, by ONNX Runtime's own operators with the same threads: how fast weights are
 * read, and how fast fp32 matrices are multiplied. Bandwidth is the better of two ways to read: matrix times vector, and
 * sums of rows.
 */
export async function machineRates(threads: number): Promise<MachineRates> {
  const chain = await chainRate(threads)
  const rows = await rowSumRate(threads)
  return {bandwidth: rows.value > chain.value ? rows : chain, gemm: await productRate(threads)}
}

async function chainRate(threads: number): Promise<MeasuredRate> {
  const graph = new GraphBuilder('chain', {opset: 20, weights: undefined})
  let x = graph.input('x', 'float32', [1, SIDE])
  for (let index = 0; index < MATRICES; index += 1) {
    const matrix = graph.initializer(`matrix_${index}`, 'float32', [SIDE, SIDE], () => filled(SIDE * SIDE))
    x = graph.node('MatMul', [x, matrix])
  }
  graph.node('Identity', [x], {outputs: ['y']})
  graph.output('y', 'float32', [1, SIDE])
  const input = {x: {data: filled(SIDE), dims: [1, SIDE]}}
  const output = {y: {data: new Float32Array(SIDE), dims: [1, SIDE]}}
  const method = `${MATRICES} matrix-vector products of ${SIDE} x ${SIDE} fp32 (MatMul)`
  return rateOf(graph, {threads, input, output, amount: WEIGHT_BYTES, method})
}

async function rowSumRate(threads: number): Promise<MeasuredRate> {
  const [rows, columns] = [256, WEIGHT_BYTES / 4 / 256]
  const graph = new GraphBuilder('sums', {opset: 20, weights: undefined})
  const x = graph.input('x', 'float32', [rows, columns])
  graph.node('ReduceSum', [x, graph.integers([1])], {attributes: {keepdims: 0}, outputs: ['y']})
  graph.output('y', 'float32', [rows])
  const input = {x: {data: filled(rows * columns), dims: [rows, columns]}}
  const output = {y: {data: new Float32Array(rows), dims: [rows]}}
  const method = `sums of the rows of ${rows} x ${columns} fp32 (ReduceSum)`
  return rateOf(graph, {threads, input, output, amount: WEIGHT_BYTES, method})
}

async function productRate(threads: number): Promise<MeasuredRate> {
  const side = PRODUCT_SIDE
  const graph = new GraphBuilder('product', {opset: 20, weights: undefined})
  const x = graph.input('x', 'float32', [side, side])
  const matrix = graph.initializer('matrix', 'float32', [side, side], () => filled(side * side))
  graph.node('MatMul', [x, matrix], {outputs: ['y']})
  graph.output('y', 'float32', [side, side])
  const input = {x: {data: filled(side * side), dims: [side, side]}}
  const output = {y: {data: new Float32Array(side * side), dims: [side, side]}}
  const method = `matrix product of ${side} x ${side} by ${side} x ${side} fp32 (MatMul)`
  return rateOf(graph, {threads, input, output, amount: 2 * side ** 3, method})
}

interface RateOptions {
  readonly threads: number
  readonly input: Parameters<Awaited<ReturnType<typeof openArrayGraph>>['run']>[0]
  readonly output: Parameters<Awaited<ReturnType<typeof openArrayGraph>>['run']>[1]
  /** Bytes or operations of one run. */
  readonly amount: number
  readonly method: string
}

/** Amount a second in each of several runs; the best of them is the rate, since whatever disturbs makes it less. */
async function rateOf(graph: GraphBuilder, options: RateOptions): Promise<MeasuredRate> {
  const {threads, input, output, amount, method} = options
  const opened = await openArrayGraph(graph.toModel(), threads)
  try {
    await opened.run(input, output)
    const samples: number[] = []
    for (let sample = 0; sample < SAMPLES; sample += 1) {
      const start = performance.now()
      await opened.run(input, output)
      samples.push((1000 * amount) / (performance.now() - start))
    }
    return {value: Math.max(...samples), samples, method}
  } finally {
    await opened.close()
  }
}

/** Small numbers, none of them 0 and none so small that arithmetic slows down. */
function filled(length: number): Float32Array {
  return new Float32Array(length).map((_, index) => ((index % 13) - 6) / 500)
}
