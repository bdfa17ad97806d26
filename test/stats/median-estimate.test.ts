import fc from 'fast-check'
import {describe, expect, it} from 'vitest'
import {itemBootstrap} from '../../src/stats/item-bootstrap.ts'
import {median, medianEstimate, medianRatio} from '../../src/stats/median-estimate.ts'

const positive = fc.double({min: 0.01, max: 1000, noNaN: true})
const times = fc.array(positive, {minLength: 1, maxLength: 15})

describe('the median', () => {
  it('is the middle value, or the mean of the two in the middle', () => {
    expect(median([3, 1, 2])).toBe(2)
    expect(median([4, 1, 3, 2])).toBe(2.5)
    expect(median([])).toBeNaN()
  })

  it('has the interval that drawing 200,000 resamples comes to', () => {
    for (const count of [6, 7, 10, 11]) {
      const values = Array.from({length: count}, (_, index) => 100 + index * index)
      const drawn = itemBootstrap(
        count,
        (indices) => median(Array.from(indices, (index) => values[index]!)),
        {seed: 1, resamples: 200_000},
      )!
      const {value, low, high} = medianEstimate(values)
      expect([value, low, high]).toEqual([drawn.value, drawn.low, drawn.high])
    }
  })

  it('lies in its interval, and the interval in the range of the values', () => {
    fc.assert(
      fc.property(times, (values) => {
        const {value, low, high, count} = medianEstimate(values)
        expect(low).toBeGreaterThanOrEqual(Math.min(...values))
        expect(value).toBeGreaterThanOrEqual(low)
        expect(value).toBeLessThanOrEqual(high)
        expect(high).toBeLessThanOrEqual(Math.max(...values))
        expect(count).toBe(values.length)
      }),
    )
  })

  it('has the whole range of up to five values as its interval', () => {
    expect(medianEstimate([5])).toEqual({value: 5, low: 5, high: 5, count: 1})
    expect(medianEstimate([5, 1, 2, 4, 3])).toEqual({value: 3, low: 1, high: 5, count: 5})
  })
})

describe('the ratio of what was measured side by side', () => {
  it('is 1 with no width for equal values', () => {
    fc.assert(
      fc.property(times, (values) => {
        expect(medianRatio(values, values)).toEqual({value: 1, low: 1, high: 1, count: values.length})
      }),
    )
  })

  it('turned round is its reciprocal, interval included', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(positive, positive), {minLength: 1, maxLength: 12}), (pairs) => {
        const [first, second] = [pairs.map(([a]) => a), pairs.map(([, b]) => b)]
        const [there, back] = [medianRatio(first, second), medianRatio(second, first)]
        expect(there.value * back.value).toBeCloseTo(1, 9)
        expect(there.low * back.high).toBeCloseTo(1, 9)
        expect(there.high * back.low).toBeCloseTo(1, 9)
      }),
    )
  })

  it('does not see a drift that slows both sides alike', () => {
    const drift = [1, 1.1, 1.3, 1.7, 2.5, 4]
    const {value, low, high} = medianRatio(
      drift.map((factor) => 3 * factor),
      drift.map((factor) => 2 * factor),
    )
    for (const end of [value, low, high]) expect(end).toBeCloseTo(1.5, 12)
  })
})
