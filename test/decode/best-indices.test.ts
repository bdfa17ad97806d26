import fc from 'fast-check'
import {describe, expect, it} from 'vitest'
import {argmax, bestIndices} from '../../src/decode/best-indices.ts'

/** Few different values, so that many are equal. */
const values = fc.array(fc.integer({min: -3, max: 3}), {minLength: 1, maxLength: 60})

describe('argmax', () => {
  it('is the lowest index of the largest value, in any window', () => {
    fc.assert(
      fc.property(values, fc.nat(59), (all, start) => {
        const from = start % all.length
        const window = all.slice(from)
        expect(argmax(Float32Array.from(all), from, all.length)).toBe(
          from + window.indexOf(Math.max(...window)),
        )
      }),
    )
  })

  it('is -1 where any value is not a number', () => {
    fc.assert(
      fc.property(values, fc.nat(59), (all, place) => {
        const damaged = Float32Array.from(all)
        damaged[place % all.length] = Number.NaN
        expect(argmax(damaged, 0, damaged.length)).toBe(-1)
      }),
    )
  })
})

describe('bestIndices', () => {
  it('is what sorting everything gives', () => {
    fc.assert(
      fc.property(values, fc.integer({min: 0, max: 70}), fc.nat(59), (all, count, start) => {
        const from = start % all.length
        const sorted = [...all.keys()].slice(from).sort((a, b) => all[b]! - all[a]! || a - b)
        expect([...bestIndices(Float32Array.from(all), from, all.length, count)]).toEqual(
          sorted.slice(0, count),
        )
      }),
    )
  })

  it('never chooses what is not a number', () => {
    expect([...bestIndices(Float32Array.of(Number.NaN, 1, Number.NaN, 2), 0, 4, 4)]).toEqual([3, 1])
  })
})
