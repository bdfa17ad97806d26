import {describe, expect, it} from 'vitest'
import {rowRandom, sampleIndex, sampleIndices} from '../../src/decode/sample-token.ts'

const HALF_QUARTER_QUARTER = Float32Array.of(Math.log(2), 0, Number.NEGATIVE_INFINITY, 0)

describe('sampleIndex', () => {
  it('cuts [0, 1) into parts as long as the probabilities', () => {
    const at = (uniform: number): number => sampleIndex(HALF_QUARTER_QUARTER, 0, 4, uniform)
    expect([0, 0.49, 0.51, 0.74, 0.76, 1 - 2 ** -53].map(at)).toEqual([0, 0, 1, 1, 3, 3])
  })

  it('finds nothing among what is not a number or forbidden', () => {
    expect(sampleIndex(Float32Array.of(Number.NaN, 0), 0, 2, 0.5)).toBe(-1)
    expect(sampleIndex(new Float32Array(3).fill(Number.NEGATIVE_INFINITY), 0, 3, 0.5)).toBe(-1)
  })
})

describe('sampleIndices', () => {
  it('draws each place once, and no more than are allowed', () => {
    const random = rowRandom(1, 2)
    const scores = Float32Array.from(HALF_QUARTER_QUARTER)
    expect([...sampleIndices(scores, 9, random.float)].sort()).toEqual([0, 1, 3])
    expect(scores).toEqual(HALF_QUARTER_QUARTER)
  })

  it('draws the more probable first more often', () => {
    const random = rowRandom(1, 2)
    const first = Array.from({length: 4000}, () => sampleIndices(HALF_QUARTER_QUARTER, 2, random.float)[0])
    expect(first.filter((index) => index === 0).length / 4000).toBeCloseTo(0.5, 1)
  })
})

describe('rowRandom', () => {
  it('is the same stream for the same seeds, and another for any other', () => {
    const first = (run: number, row: number, sequence: number): number =>
      rowRandom(run, row, sequence).float()
    const seeds = [0, 1, 2, 3].flatMap((run) =>
      [0, 1, 2, 3].flatMap((row) => [0, 1, 2].map((each) => [run, row, each] as const)),
    )
    expect(new Set(seeds.map((each) => first(...each))).size).toBe(seeds.length)
    expect(first(3, 1, 2)).toBe(first(3, 1, 2))
  })

  it('takes seeds of any size and sign', () => {
    expect(rowRandom(-5, Number.MAX_SAFE_INTEGER).float()).toBeLessThan(1)
  })
})
