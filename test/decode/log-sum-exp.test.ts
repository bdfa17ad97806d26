import fc from 'fast-check'
import {describe, expect, it} from 'vitest'
import {logSoftmax, logSumExpBelow} from '../../src/decode/log-sum-exp.ts'

const logits = fc.array(fc.float({min: -60, max: 60, noNaN: true}), {minLength: 1, maxLength: 50})

describe('logSumExpBelow', () => {
  it('is the exact sum to 2e-9', () => {
    fc.assert(
      fc.property(logits, (all) => {
        const largest = Math.max(...all)
        const exact = Math.log(all.reduce((sum, each) => sum + Math.exp(each - largest), 0))
        expect(Math.abs(logSumExpBelow(Float32Array.from(all), 0, all.length, largest) - exact)).toBeLessThan(
          2e-9,
        )
      }),
    )
  })

  it('leaves forbidden tokens out and shows what is not a number', () => {
    expect(logSumExpBelow(Float32Array.of(0, Number.NEGATIVE_INFINITY, 0), 0, 3, 0)).toBeCloseTo(
      Math.log(2),
      9,
    )
    expect(logSumExpBelow(Float32Array.of(0, 1, Number.NaN), 0, 3, 1)).toBeNaN()
    expect(
      logSumExpBelow(Float32Array.of(Number.POSITIVE_INFINITY, 1), 0, 2, Number.POSITIVE_INFINITY),
    ).toBeNaN()
  })
})

describe('logSoftmax', () => {
  it('makes probabilities that add up to 1', () => {
    fc.assert(
      fc.property(logits, (all) => {
        const row = Float32Array.from(all)
        logSoftmax(row, 0, row.length)
        expect(row.reduce((sum, each) => sum + Math.exp(each), 0)).toBeCloseTo(1, 4)
      }),
    )
  })
})
