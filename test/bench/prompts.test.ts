import fc from 'fast-check'
import {describe, expect, it} from 'vitest'
import type {GenerationRequest} from '../../src/bench/process/messages.ts'
import {benchPrompts} from '../../src/bench/prompts.ts'

const REQUEST: GenerationRequest = {
  setting: 'cached',
  batch: 3,
  inputTokens: 100,
  outputTokens: 4,
  prefixTokens: 0,
  seed: 7,
  repeat: 0,
  index: 0,
}

describe('prompts of a benchmark', () => {
  it('are as many and as long as asked, inside the vocabulary', () => {
    const sizes = fc.record({
      batch: fc.integer({min: 1, max: 9}),
      inputTokens: fc.integer({min: 1, max: 200}),
      repeat: fc.nat(50),
      index: fc.nat(3),
    })
    fc.assert(
      fc.property(sizes, fc.integer({min: 1, max: 50_000}), (size, vocabulary) => {
        const prompts = benchPrompts({...REQUEST, ...size}, vocabulary)
        expect(prompts.map(({length}) => length)).toEqual(new Array(size.batch).fill(size.inputTokens))
        expect(prompts.flat().every((id) => id >= 0 && id < vocabulary)).toBe(true)
      }),
    )
  })

  it('are the same for the same request and new for every other repeat and generation', () => {
    const texts = [
      benchPrompts(REQUEST, 1000),
      benchPrompts({...REQUEST, index: 1}, 1000),
      benchPrompts({...REQUEST, repeat: 1}, 1000),
      benchPrompts({...REQUEST, seed: 8}, 1000),
    ].flat()
    expect(new Set(texts.map(String)).size).toBe(12)
    expect(benchPrompts(REQUEST, 1000)).toEqual(texts.slice(0, 3))
  })

  it('share their prefix in all rows and repeats, and nothing behind it', () => {
    const shared = {...REQUEST, prefixTokens: 60}
    const rows = [...benchPrompts(shared, 1000), ...benchPrompts({...shared, repeat: 4, index: 1}, 1000)]
    expect(new Set(rows.map((row) => String(row.slice(0, 60)))).size).toBe(1)
    expect(new Set(rows.map((row) => String(row.slice(60, 65)))).size).toBe(6)
  })
})
