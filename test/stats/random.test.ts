import fc from 'fast-check'
import {describe, expect, it} from 'vitest'
import {seededRandom} from '../../src/stats/random.ts'

describe('seededRandom', () => {
  it('gives the stream of the reference C code of xoshiro128** seeded by splitmix64(42)', () => {
    const random = seededRandom(42)
    expect(Array.from({length: 10}, random.uint32)).toEqual([
      1776835114, 4165204688, 17111135, 2317295270, 2792088233, 2554630222, 2940343271, 2244566231,
      3567603786, 2928476417,
    ])
  })

  it('fills an array with what single calls would give', () => {
    fc.assert(
      fc.property(fc.maxSafeInteger(), fc.integer({min: 1, max: 2 ** 31}), (seed, n) => {
        const filled = new Uint32Array(20)
        seededRandom(seed).fillBelow(filled, n)
        const random = seededRandom(seed)
        expect([...filled]).toEqual(Array.from({length: 20}, () => random.below(n)))
      }),
    )
  })

  it('stays below n and in [0, 1)', () => {
    fc.assert(
      fc.property(fc.maxSafeInteger(), fc.integer({min: 1, max: 2 ** 31}), (seed, n) => {
        const random = seededRandom(seed)
        const drawn = random.below(n)
        const part = random.float()
        expect(Number.isInteger(drawn) && drawn >= 0 && drawn < n && part >= 0 && part < 1).toBe(true)
      }),
    )
  })

  it('reaches every outcome about equally often', () => {
    const random = seededRandom(7)
    const counts = [0, 0, 0, 0, 0]
    for (let draw = 0; draw < 50_000; draw += 1) counts[random.below(5)]! += 1
    // Six standard deviations of a binomial(50000, 1/5) are 537.
    for (const count of counts) expect(Math.abs(count - 10_000)).toBeLessThan(537)
  })
})
