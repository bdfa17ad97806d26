import fc from 'fast-check'
import {describe, expect, it} from 'vitest'
import {beamSearch} from '../../src/decode/beam-search.ts'
import {DEFAULT_SETTINGS} from '../../src/decode/generation-settings.ts'
import type {Outcome, RowPlan, Search} from '../../src/decode/search.ts'
import {singleSearch} from '../../src/decode/single-search.ts'
import {decodeRows} from './decode-rows.ts'
import {coarseLogits, scriptedModel} from './scripted-model.ts'

const prompts = fc.array(fc.nat(16), {minLength: 1, maxLength: 6})

function plan(promptIds: readonly number[], settings: Partial<RowPlan['settings']>): RowPlan {
  return {
    settings: {...DEFAULT_SETTINGS, eos_token_id: [0], ...settings},
    promptIds,
    inputIds: promptIds,
    inputLength: promptIds.length,
    limit: 10,
    vocabulary: 17,
    topLogits: 0,
    logprobs: true,
    runSeed: 0,
    rowSeed: 0,
    stopText: undefined,
    scratch: (length) => new Float32Array(length),
  }
}

/** Runs a search of one row by itself. */
function outcome(search: Search, promptIds: readonly number[]): Outcome {
  const newIds: number[] = []
  for (;;) {
    const result = search.advance(Float32Array.from(coarseLogits(17)(promptIds, newIds)), 0)
    if (result.kind === 'done') return result.outcome
    if (result.kind === 'failed') throw new Error(result.error)
    newIds.push(result.tokens[0]!)
  }
}

describe('beamSearch', () => {
  it('with one beam that stops at its first end is greedy', () => {
    fc.assert(
      fc.property(prompts, (promptIds) => {
        const {score: _, ...beam} = outcome(beamSearch(plan(promptIds, {early_stopping: true})), promptIds)
        const greedy = outcome(singleSearch(plan(promptIds, {})), promptIds)
        expect({...beam, logprob: expect.closeTo(beam.logprob!, 6)}).toEqual(greedy)
      }),
    )
  })

  it('scores the sum of log-probabilities by length, and returns the best first', async () => {
    await fc.assert(
      fc.asyncProperty(prompts, fc.integer({min: 2, max: 5}), async (promptIds, num_beams) => {
        const generation = {num_beams, num_return_sequences: num_beams}
        const [row] = await decodeRows(scriptedModel(), [promptIds], {generation})
        if (row?.kind !== 'decoded') throw new Error('the row failed')
        expect(row.score).toBeCloseTo(row.logprob! / row.newIds.length, 4)
        const scores = row.sequences!.map(({score}) => score)
        expect(scores).toEqual([...scores].sort((a, b) => b - a))
        expect(row.sequences![0]).toEqual({newIds: row.newIds, finish: row.finish, score: row.score})
      }),
    )
  })
})

describe('the best logits of each step', () => {
  it('are the raw ones, one entry for each chosen token, along the best beam too', async () => {
    for (const generation of [{repetition_penalty: 1.5}, {num_beams: 3}, {do_sample: true}]) {
      const [row] = await decodeRows(scriptedModel(), [[4, 5]], {generation, topLogits: 3})
      if (row?.kind !== 'decoded') throw new Error('the row failed')
      expect(row.steps).toHaveLength(row.newIds.length)
      for (const [step, top] of row.steps!.entries()) {
        const raw = coarseLogits(17)([4, 5], row.newIds.slice(0, step))
        const best = [...raw.keys()].sort((a, b) => raw[b]! - raw[a]! || a - b).slice(0, 3)
        expect(top).toEqual({ids: best, logits: best.map((id) => raw[id])})
      }
    }
  })
})

describe('the log-probability', () => {
  it('is absent where nobody asks for it, and the ids and scores are the same', async () => {
    for (const generation of [
      {},
      {do_sample: true, temperature: 3},
      {do_sample: true, num_return_sequences: 3},
    ]) {
      const [asked] = await decodeRows(scriptedModel(), [[4, 5]], {generation})
      const [row] = await decodeRows(scriptedModel(), [[4, 5]], {generation, logprobs: false})
      if (asked?.kind !== 'decoded' || row?.kind !== 'decoded') throw new Error('the row failed')
      const {logprob, ...rest} = asked
      expect(logprob).toBeLessThan(0)
      expect(row).toEqual(rest)
    }
  })

  it('is that of the new ids under the raw logits, whatever processors did', async () => {
    for (const generation of [
      {},
      {suppress_tokens: [1, 2, 3, 4, 5]},
      {do_sample: true, temperature: 3},
      {num_beams: 2},
    ]) {
      const [row] = await decodeRows(scriptedModel(), [[4, 5]], {generation})
      if (row?.kind !== 'decoded') throw new Error('the row failed')
      const exact = row.newIds.reduce((sum, id, step) => {
        const raw = coarseLogits(17)([4, 5], row.newIds.slice(0, step))
        return sum + raw[id]! - Math.log(raw.reduce((total, each) => total + Math.exp(each), 0))
      }, 0)
      expect(row.logprob).toBeCloseTo(exact, 6)
    }
  })
})

describe('sampling', () => {
  it('draws other answers with another seed, and several answers to one prompt, the most probable first', async () => {
    const generation = {do_sample: true, top_k: 0, temperature: 2, num_return_sequences: 4}
    const [row] = await decodeRows(scriptedModel(), [[4, 5]], {generation})
    const [other] = await decodeRows(scriptedModel(), [[4, 5]], {generation, seed: 1})
    if (row?.kind !== 'decoded' || other?.kind !== 'decoded') throw new Error('the row failed')
    expect(new Set(row.sequences!.map(({newIds}) => newIds.join())).size).toBe(4)
    const scores = row.sequences!.map(({score}) => score)
    expect(scores).toEqual([...scores].sort((a, b) => b - a))
    expect(other.sequences).not.toEqual(row.sequences)
  })

  it('draws tokens as often as their probability says', async () => {
    const model = scriptedModel({
      end: [],
      vocabulary: 17,
      logits: () => Array.from({length: 17}, (_, id) => (id < 2 ? id : -99)),
    })
    const [row] = await decodeRows(model, [[1]], {
      generation: {do_sample: true, top_k: 0, max_new_tokens: 4000},
    })
    if (row?.kind !== 'decoded') throw new Error('the row failed')
    const share = row.newIds.filter((id) => id === 1).length / 4000
    // e / (1 + e) = 0.731, standard error 0.007
    expect(share).toBeGreaterThan(0.71)
    expect(share).toBeLessThan(0.752)
  })
})

describe('settings that leave no token', () => {
  it('fail the row of a beam search', async () => {
    const generation = {
      num_beams: 2,
      renormalize_logits: true,
      suppress_tokens: Array.from({length: 17}, (_, id) => id),
    }
    expect(await decodeRows(scriptedModel(), [[1]], {generation})).toEqual([
      {kind: 'failed', key: 0, error: 'the generation settings forbid every token'},
    ])
  })
})

describe('ids that the settings write', () => {
  it('must be in the vocabulary', async () => {
    await expect(decodeRows(scriptedModel(), [[1]], {generation: {forced_bos_token_id: 17}})).rejects.toThrow(
      'forced_bos_token_id names id 17, the vocabulary has 17',
    )
  })
})
