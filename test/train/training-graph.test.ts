import {describe, expect, it} from 'vitest'
import {openArrayGraph} from '../../src/engine/array-graph.ts'
import type {LossOptions} from '../../src/train/loss.ts'
import {trainingGraph} from '../../src/train/training-graph.ts'
import {asInputs, fullWeights, graphOptions, lossInputs, SHAPES, smallBatch} from './small-training.ts'

const LOSSES: Readonly<Record<string, LossOptions>> = {
  'cross-entropy with z-loss': {zLoss: 0.01, distillation: undefined},
  'distillation at temperature 2': {zLoss: 0.01, distillation: {alpha: 0.7, temperature: 2}},
  'distillation at temperature 1': {zLoss: 0, distillation: {alpha: 0.9, temperature: 1}},
}

/** Loss along the gradient of each tensor in turn against what the gradient promises: the worst relative difference. */
async function worstTensor(shapeName: string, loss: LossOptions, threads: number): Promise<number> {
  const shape = SHAPES[shapeName]!
  const batch = smallBatch(shape)
  const graph = trainingGraph(graphOptions(shape, {loss, results: 'gradients'}))
  const parameters = fullWeights(shape)
  const inputs = {
    ...asInputs(parameters),
    ...lossInputs(batch, loss.distillation ? shape.vocabulary : undefined),
  }
  const gradients = parameters.map(({dims, values}) => ({data: new Float32Array(values.length), dims}))
  const rows = graph.lookUps.map(({ids}) => {
    const dims = [...inputs[ids]!.dims, shape.width]
    return {data: new Float32Array(dims.reduce((a, b) => a * b, 1)), dims}
  })
  const opened = await openArrayGraph(graph.bytes, threads)
  await opened.run(inputs, {
    ...Object.fromEntries(parameters.map(({name}, at) => [`d_${name}`, gradients[at]!])),
    ...Object.fromEntries(graph.lookUps.map(({output}, at) => [output, rows[at]!])),
  })
  for (const [at, {ids}] of graph.lookUps.entries()) {
    const tokens = inputs[ids]!.data
    const table = gradients[0]!.data
    for (const [position, token] of tokens.entries())
      for (let column = 0; column < shape.width; column++)
        table[Number(token) * shape.width + column]! += rows[at]!.data[position * shape.width + column]!
  }
  const output = {loss: {data: new Float32Array(1), dims: []}}
  const lossAt = async (): Promise<number> => {
    await opened.run(inputs, output)
    return output.loss.data[0]!
  }
  let worst = 0
  for (const [at, {values}] of parameters.entries()) {
    const gradient = gradients[at]!.data
    const size = Math.hypot(...gradient)
    const before = Float32Array.from(values)
    const step = 1e-2 / Math.max(size, 1)
    values.set(before.map((value, index) => value + (step * gradient[index]!) / size))
    const above = await lossAt()
    values.set(before.map((value, index) => value - (step * gradient[index]!) / size))
    const slope = (above - (await lossAt())) / (2 * step)
    values.set(before)
    worst = Math.max(worst, Math.abs(slope - size) / Math.max(size, 0.01))
  }
  await opened.close()
  return worst
}

describe.each([1, 2])('the training graph at %i threads', (threads) => {
  for (const shape of Object.keys(SHAPES))
    for (const [name, loss] of Object.entries(LOSSES))
      it(`has the gradient of ${name} in every tensor: ${shape}`, async () => {
        expect(await worstTensor(shape, loss, threads)).toBeLessThan(1e-2)
      })
})
