import {array, assert, integer, property} from 'fast-check'
import {describe, expect, it} from 'vitest'
import {integers, padPrompts, prefillGroups} from '../../src/engine/feeds.ts'
import {halfTable} from '../../src/engine/half.ts'

describe('integers', () => {
  it('gives the type that the graph wants', () => {
    const wide = integers('int64', [1, 2], [1, 2])
    expect(wide.type).toBe('int64')
    expect([...(wide.data as BigInt64Array)]).toEqual([1n, 2n])
    expect(integers('int32', Int32Array.of(7), [1]).data).toEqual(Int32Array.of(7))
  })
})

describe('padPrompts', () => {
  it('pads on the left with positions from the first real token', () => {
    const block = padPrompts([[5, 6, 7], [8]], 'left', 0, 3)
    expect([...block.ids]).toEqual([5, 6, 7, 0, 0, 8])
    expect([...block.mask]).toEqual([1, 1, 1, 0, 0, 1])
    expect([...block.positions]).toEqual([0, 1, 2, 1, 1, 0])
  })

  it('pads on the right', () => {
    const block = padPrompts([[5, 6, 7], [8]], 'right', 9, 4)
    expect([...block.ids]).toEqual([5, 6, 7, 9, 8, 9, 9, 9])
    expect([...block.mask]).toEqual([1, 1, 1, 0, 1, 0, 0, 0])
    expect([...block.positions]).toEqual([0, 1, 2, 1, 0, 1, 1, 1])
  })
})

describe('prefillGroups', () => {
  it('runs prompts of like length together and others apart', () => {
    expect(prefillGroups([10, 2, 9, 3], 512, 16)).toEqual([
      [0, 2],
      [3, 1],
    ])
  })

  it('holds each prompt once, longest first, within both limits', () => {
    const lengths = array(integer({min: 1, max: 300}), {minLength: 1, maxLength: 60})
    assert(
      property(lengths, (all) => {
        const groups = prefillGroups(all, 512, 16)
        expect(groups.flat().sort((a, b) => a - b)).toEqual(all.map((_, index) => index))
        for (const group of groups) {
          const longest = all[group[0]!]!
          expect(group.length).toBeLessThanOrEqual(16)
          if (group.length > 1) expect(longest * group.length).toBeLessThanOrEqual(512)
          const real = group.reduce((sum, index) => sum + all[index]!, 0)
          expect(real / (longest * group.length)).toBeGreaterThanOrEqual(0.75)
        }
      }),
    )
  })
})

describe('halfTable', () => {
  it.each([
    [0x0000, 0],
    [0x3c00, 1],
    [0xbc00, -1],
    [0x3555, 0.333251953125],
    [0x7bff, 65504],
    [0x0001, 2 ** -24],
    [0x03ff, 1023 * 2 ** -24],
    [0x7c00, Number.POSITIVE_INFINITY],
    [0xfc00, Number.NEGATIVE_INFINITY],
    [0x7e00, Number.NaN],
  ])('reads the bits %i as %d', (bits, value) => {
    expect(halfTable()[bits]).toBe(value)
  })
})
