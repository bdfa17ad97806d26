import {describe, expect, it} from 'vitest'
import {openArrayGraph} from '../../src/engine/array-graph.ts'
import {adamWStep} from '../../src/train/adamw.ts'
import {muonBlocks} from '../../src/train/muon-blocks.ts'
import {openOptimizer} from '../../src/train/optimizer.ts'
import {orthogonaliseGraph} from '../../src/train/orthogonalise-graph.ts'
import {draw} from './check-gradient.ts'
import {fullWeights, SHAPES} from './small-training.ts'

async function orthogonalise(values: Float32Array, count: number, rows: number, columns: number) {
  const graph = await openArrayGraph(orthogonaliseGraph(count, rows, columns), 1)
  const dims = [count, rows, columns]
  const orthogonal = {data: new Float32Array(values.length), dims}
  await graph.run({matrices: {data: values, dims}}, {orthogonal})
  await graph.close()
  return orthogonal.data
}

const close = (values: Float32Array, expected: readonly number[]) => {
  for (const [at, value] of expected.entries()) expect(values[at]).toBeCloseTo(value, 5)
}

describe('adamWStep', () => {
  it('moves as the formulas do in double precision (NumPy)', () => {
    const values = Float32Array.of(1, -2, 0.5, 3)
    const moments = {first: new Float32Array(4), second: new Float32Array(4)}
    const options = {beta1: 0.9, beta2: 0.95, learningRate: 0.01, weightDecay: 0.1, gradientScale: 0.5}
    adamWStep(values, Float32Array.of(0.2, -0.4, 0.6, 0), moments, {...options, step: 1})
    adamWStep(values, Float32Array.of(-0.8, 0.2, 0.4, 0.1), moments, {...options, step: 2})
    close(values, [0.9935450185551139, -1.9833283061897145, 0.4792597130412802, 2.9866534020295945])
  })
})

describe('orthogonaliseGraph', () => {
  it('gives what the iteration gives in double precision (NumPy), for wide and tall matrices', async () => {
    const wide = [0.4037931, 0.60997853, -0.20618541, 0.73982867, -0.04868178, 0.78851045]
    const tall = [0.4037931, 0.73982867, 0.60997853, -0.04868178, -0.20618541, 0.78851045]
    close(await orthogonalise(Float32Array.of(1, 2, -1, 0.5, -0.3, 0.8), 1, 2, 3), wide)
    close(await orthogonalise(Float32Array.of(1, 0.5, 2, -0.3, -1, 0.8), 1, 3, 2), tall)
  })

  it('gives the same where one side is more than twice the other', async () => {
    const matrix = [1, 2, -1, 0.3, 0, 0.5, -0.3, 0.8, -1, 0.25]
    const result = [
      0.385196, 0.593208, -0.208011, -0.041182, 0.034074, 0.524678, 0.039563, 0.485115, -0.735875, 0.194191,
    ]
    const turn = (values: readonly number[]) =>
      Array.from({length: 10}, (_, at) => values[(at % 2) * 5 + (at >> 1)]!)
    close(await orthogonalise(Float32Array.from(matrix), 1, 2, 5), result)
    close(await orthogonalise(Float32Array.from(turn(matrix)), 1, 5, 2), turn(result))
  })

  it('treats each matrix alone and leaves zeros zero', async () => {
    const values = draw([3, 4, 6], 5)
    values.fill(0, 24, 48)
    const together = await orthogonalise(values, 3, 4, 6)
    const alone = await orthogonalise(values.slice(48), 1, 4, 6)
    for (const [at, value] of alone.entries()) expect(together[48 + at]).toBeCloseTo(value, 5)
    expect(together.slice(24, 48)).toEqual(new Float32Array(24))
  })
})

describe('muonBlocks', () => {
  it('takes queries, keys and values apart and leaves no column out', () => {
    const shape = SHAPES['encoder-decoder, recipe']!
    const parameters = fullWeights(shape)
    const blocks = muonBlocks(shape, parameters).flat()
    const packed = blocks.filter(
      ({parameter}) => parameter.name === 'encoder.0.attention.query_key_value.weight',
    )
    expect(packed.map(({firstColumn, columns}) => [firstColumn, columns])).toEqual([
      [0, 16],
      [16, 8],
      [24, 8],
    ])
    const covered = blocks.reduce((total, {rows, columns}) => total + rows * columns, 0)
    const matrices = parameters.filter(({name}) => name.endsWith('.weight'))
    expect(covered).toBe(matrices.reduce((total, {values}) => total + values.length, 0))
  })
})

describe('openOptimizer', () => {
  it.each(['muon', 'adamw'] as const)('moves every weight against its gradient: %s', async (kind) => {
    const shape = SHAPES['encoder-decoder, recipe']!
    const parameters = fullWeights(shape)
    const before = parameters.map(({values}) => values.slice())
    const gradients = parameters.map(({dims}, at) => draw(dims, 50 + at))
    const optimizer = await openOptimizer(
      shape,
      parameters,
      {
        kind,
        learningRate: 0.01,
        otherLearningRate: 0.01,
        weightDecay: 0,
        beta1: 0.9,
        beta2: 0.95,
        clip: 1,
      },
      1,
    )
    const length = await optimizer.step(gradients, 1, 1)
    await optimizer.close()
    expect(length).toBeCloseTo(Math.hypot(...gradients.flatMap((gradient) => [...gradient])), 2)
    for (const [at, {values, name}] of parameters.entries()) {
      const gain = values.reduce(
        (sum, value, index) => sum + (value - before[at]![index]!) * gradients[at]![index]!,
        0,
      )
      expect(`${name} ${gain < 0}`).toBe(`${name} true`)
    }
  })
})
