import fc from 'fast-check'
import {describe, expect, it} from 'vitest'
import {parseParameterCount, parseSplit} from '../../../src/onnx/network/parse-size.ts'
import {planNetwork, shapeOf} from '../../../src/onnx/network/plan.ts'
import {countNetworkParameters} from '../../../src/onnx/network/shape.ts'

const PAPER = {vocabulary: 32_128, contextLength: 1024, width: 1024}
const SPLITS = ['2/3-1/3', '1/2-1/2', '1/3-2/3'].map(parseSplit)
const DEC_ONLY = {encoder: 0, decoder: 1}

describe('the paper’s sizes', () => {
  it.each([
    [20, 10, 332_042_240],
    [10, 20, 343_866_880],
    [15, 15, 337_954_560],
    [0, 31, 329_793_792],
    [0, 32, 339_371_008],
  ])('%i + %i layers have %i parameters', (encoder, decoder, parameters) => {
    expect(countNetworkParameters(shapeOf(PAPER, encoder, decoder))).toBe(parameters)
  })

  it('plans the paper’s own network for 330M', () => {
    const shape = planNetwork({...PAPER, width: undefined, parameters: 330e6, split: SPLITS[0]!})
    expect(shape).toEqual(shapeOf(PAPER, 20, 10))
  })
})

describe('networks of one size', () => {
  it.each([330e6, 500e6, 1e9, 60e6])('are within 1% of each other and of %d', (parameters) => {
    const counts = [...SPLITS, DEC_ONLY].map((split) =>
      countNetworkParameters(planNetwork({...PAPER, width: undefined, parameters, split})),
    )
    expect(Math.max(...counts) / Math.min(...counts)).toBeLessThan(1.01)
    for (const count of counts) expect(Math.abs(count / parameters - 1)).toBeLessThan(0.0101)
  })

  it('are matched for small vocabularies too, whatever the size', () => {
    fc.assert(
      fc.property(fc.integer({min: 200_000, max: 20_000_000}), (parameters) => {
        const wish = {vocabulary: 259, contextLength: 64, parameters}
        const counts = [...SPLITS, DEC_ONLY].map((split) =>
          countNetworkParameters(planNetwork({...wish, split})),
        )
        expect(Math.max(...counts) / Math.min(...counts)).toBeLessThan(1.02)
      }),
      {numRuns: 15},
    )
  })

  it('are refused when the vocabulary alone is larger', () => {
    const wish = {...PAPER, width: undefined, parameters: 1e5, split: DEC_ONLY}
    expect(() => planNetwork(wish)).toThrow('too few for a vocabulary of 32128')
  })
})

describe('sizes and splits as people write them', () => {
  it.each([
    ['330M', 330_000_000],
    ['1B', 1_000_000_000],
    ['1.5b', 1_500_000_000],
    ['160k', 160_000],
    ['2048', 2048],
  ])('reads %s', (text, count) => expect(parseParameterCount(text)).toBe(count))

  it.each(['', '330MM', '-1M', '0', '1e9'])('refuses %j as a size', (text) =>
    expect(() => parseParameterCount(text)).toThrow('is not a number of parameters'),
  )

  it.each(['2-1', '2/3-1/2', '3/3-0/3', 'half', '2/3'])('refuses %j as a split', (text) =>
    expect(() => parseSplit(text)).toThrow('is not a split'),
  )
})
