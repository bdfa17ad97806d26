import {openArrayGraph, type TensorArray} from '../../src/engine/array-graph.ts'
import {GraphBuilder} from '../../src/onnx/write/graph-builder.ts'
import {seededRandom} from '../../src/stats/random.ts'
import {differentiate} from '../../src/train/gradient/differentiate.ts'
import {newTape} from '../../src/train/gradient/tape.ts'

/** Numbers in -1 .. 1 (or `low` .. 1) of a seed. */
export function draw(dims: readonly number[], seed: number, low = -1): Float32Array {
  const random = seededRandom(seed)
  return Float32Array.from({length: dims.reduce((a, b) => a * b, 1)}, () => low + (1 - low) * random.float())
}

export interface GradientCase {
  readonly parameters: Readonly<Record<string, readonly number[]>>
  /** Lowest value of a parameter. */
  readonly low?: number
  /** Returns the value whose weighted sum is the loss, and its dims. */
  readonly write: (graph: GraphBuilder) => {readonly value: string; readonly dims: readonly number[]}
}

/**
 * Largest difference between a gradient and central differences, over every single component, relative to the largest
 * component of that parameter's gradient. The loss is sum(weights * value) with random weights, summed in doubles.
 */
export async function gradientError(test: GradientCase, threads: number): Promise<number> {
  const tape = newTape()
  const names = Object.keys(test.parameters)
  const graph = new GraphBuilder('check', {
    opset: 20,
    weights: undefined,
    parameters: new Set(names),
    listener: tape,
  })
  for (const [name, dims] of Object.entries(test.parameters))
    graph.initializer(name, 'float32', dims, () => new Float32Array(0))
  const {value, dims} = test.write(graph)
  const weights = draw(dims, 99)
  const seed = graph.initializer('seed', 'float32', dims, () => weights)
  const {byParameter} = differentiate(graph, tape, new Set(names), new Map([[value, seed]]))
  graph.node('Identity', [value], {outputs: ['value']})
  graph.output('value', 'float32', dims)
  for (const [name, gradient] of byParameter) {
    graph.node('Identity', [gradient], {outputs: [`d_${name}`]})
    graph.output(`d_${name}`, 'float32', test.parameters[name]!)
  }
  const opened = await openArrayGraph(graph.toModel(), threads)
  const inputs: Record<string, TensorArray> = {}
  const gradients: Record<string, TensorArray> = {}
  for (const [at, [name, axes]] of Object.entries(test.parameters).entries()) {
    inputs[name] = {data: draw(axes, at + 1, test.low), dims: axes}
    gradients[`d_${name}`] = {data: new Float32Array(draw(axes, 0).length), dims: axes}
  }
  const output = {value: {data: new Float32Array(weights.length), dims}}
  await opened.run(inputs, gradients)
  const loss = async (): Promise<number> => {
    await opened.run(inputs, output)
    return output.value.data.reduce((total, number, at) => total + number * weights[at]!, 0)
  }
  let worst = 0
  for (const name of names) {
    const values = inputs[name]!.data as Float32Array
    const gradient = gradients[`d_${name}`]!.data as Float32Array
    const scale = Math.max(...gradient.map(Math.abs))
    for (let at = 0; at < values.length; at++) {
      const before = values[at]!
      values[at] = before + 0.01
      const above = await loss()
      const step = values[at]!
      values[at] = before - 0.01
      const difference = (above - (await loss())) / (step - values[at]!)
      values[at] = before
      worst = Math.max(worst, Math.abs(difference - gradient[at]!) / scale)
    }
  }
  await opened.close()
  return worst
}
