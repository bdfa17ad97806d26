import {describe, expect, it} from 'vitest'
import {continuationLogprobs} from '../../src/decode/continuation-logprobs.ts'
import {openModel} from '../../src/engine/open-model.ts'
import {fixtureFolder} from '../engine/checkpoint-fixture.ts'

/** Natural-log softmax of one row of logits. */
function logprobOf(logits: Float32Array, id: number): number {
  const largest = Math.max(...logits)
  return logits[id]! - largest - Math.log(logits.reduce((sum, value) => sum + Math.exp(value - largest), 0))
}

describe.each(['gpt2', 't5-relu'])('continuations of a prompt by %s', (name) => {
  it('have the log-probabilities of their tokens, one after the other', async () => {
    const folder = fixtureFolder(name)
    const model = await openModel({folder, name, threads: 1})
    try {
      const prompt = [5, 9, 14, 3]
      const continuations = [[7], [7, 11], [12, 4, 6]]
      const found = await continuationLogprobs(model, prompt, continuations)
      for (const [at, ids] of continuations.entries()) {
        const state = await model.prefill([prompt])
        let sum = 0
        for (const [place, id] of ids.entries()) {
          sum += logprobOf(state.logits.subarray(0, model.facts.vocabulary), id)
          if (place < ids.length - 1) await state.step(Int32Array.of(id))
        }
        state.close()
        expect(found[at]).toBeCloseTo(sum, 4)
      }
      expect(found[1]).toBeLessThan(found[0]!)
    } finally {
      await model.close()
    }
  })
})
