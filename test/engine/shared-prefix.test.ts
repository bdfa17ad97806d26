import {describe, expect, it} from 'vitest'
import {openModel} from '../../src/engine/open-model.ts'
import {PrefixCache} from '../../src/engine/shared-prefix.ts'
import {decodePrompts, fixtureFolder, readExpected} from './checkpoint-fixture.ts'

const REUSED = 'prompts start after what they share with one before'

describe('a cache of prompts', () => {
  const ids = (length: number, from = 0): number[] => Array.from({length}, (_, index) => from + index)

  it('knows nothing before a prompt ran', () => {
    expect(new PrefixCache([]).sharedBy([ids(50)])).toBeUndefined()
  })

  it('gives the prefix that all prompts share, and leaves one token of each', () => {
    const cache = new PrefixCache([])
    cache.keep(ids(60), [[]])
    expect(cache.sharedBy([ids(50), [...ids(40), 9]])?.count).toBe(40)
    expect(cache.sharedBy([ids(60)])?.count).toBe(59)
  })

  it('finds a short prefix not worth it', () => {
    const cache = new PrefixCache([])
    cache.keep(ids(60), [[]])
    expect(cache.sharedBy([ids(33)])?.count).toBe(32)
    expect(cache.sharedBy([ids(32)])).toBeUndefined()
  })

  it('gives up what it kept for a prompt that shares less than half', () => {
    const cache = new PrefixCache([])
    cache.keep(ids(100), [[]])
    cache.keep([...ids(60), ...ids(40, 900)], [[]])
    expect(cache.sharedBy([ids(90)])?.count).toBe(89)
    cache.keep([...ids(40), ...ids(60, 900)], [[]])
    expect(cache.sharedBy([ids(90)])?.count).toBe(40)
  })
})

describe.each(['gpt2', 'qwen2-external-data'])('%s with prompts that share a prefix', (name) => {
  it('gives the ids and logits that it gives without reuse, alone and in batches', async () => {
    const folder = fixtureFolder(name)
    const ordinary = readExpected(name).prompts.map((prompt) => prompt.ids)
    const prefix = Array.from({length: 45}, (_, index) => ordinary.flat()[(index * 7) % 40]!)
    const prompts = [...ordinary.slice(0, 5).map((own) => [...prefix, ...own]), ordinary[5]!]
    const anew = await openModel({folder, name, threads: 1, prefixCache: false})
    const after = await openModel({folder, name, threads: 1})
    try {
      expect(anew.facts.notes).not.toContain(REUSED)
      expect(after.facts.notes).toContain(REUSED)
      for (const batchSize of [1, 3]) {
        const expected = await decodePrompts(folder, anew, prompts, {batchSize})
        const actual = await decodePrompts(folder, after, prompts, {batchSize})
        expect(actual.map(({newIds}) => newIds)).toEqual(expected.map(({newIds}) => newIds))
        for (const [index, row] of actual.entries())
          expect(Math.abs(row.logprob! - expected[index]!.logprob!)).toBeLessThan(1e-3)
      }
    } finally {
      await anew.close()
      await after.close()
    }
  })
})
