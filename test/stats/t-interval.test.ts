import {describe, expect, it} from 'vitest'
import {tInterval} from '../../src/stats/t-interval.ts'

describe('tInterval', () => {
  it('is mean and t times the standard error', () => {
    // scipy.stats.t.interval(0.95, 2, loc=2, scale=1/3**0.5) = (-0.484138, 4.484138)
    const interval = tInterval([1, 2, 3])
    expect(interval?.value).toBe(2)
    expect(interval?.low).toBeCloseTo(-0.4841, 3)
    expect(interval?.high).toBeCloseTo(4.4841, 3)
    expect(interval?.count).toBe(3)
  })

  it('is wide for two values', () => {
    // 12.706 * (1 / 2**0.5) / 2**0.5
    expect(tInterval([0, 1])?.high).toBeCloseTo(0.5 + 12.706 / 2, 6)
  })

  it('has nothing to say of one value', () => {
    expect(tInterval([0.5])).toBeUndefined()
  })

  it('has no width where all values are equal', () => {
    expect(tInterval([0.3, 0.3, 0.3, 0.3])).toMatchObject({low: 0.3, high: 0.3})
  })
})
