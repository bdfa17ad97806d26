import fc from 'fast-check'
import {afterAll, beforeAll, describe, expect, it} from 'vitest'
import type {DecoderState, LanguageModel} from '../../src/engine/language-model.ts'
import {openModel} from '../../src/engine/open-model.ts'
import {fixtureFolder} from './checkpoint-fixture.ts'

const PROMPTS = [
  [5, 9, 30, 41, 7, 12],
  [8, 3, 22],
  [17, 4, 90, 33],
]

const name = 't5-relu'
const folder = fixtureFolder(name)

describe('a decoder in two files, with its weights once', () => {
  let once: LanguageModel
  let asInFile: LanguageModel
  beforeAll(async () => {
    once = await openModel({folder, name, threads: 1})
    asInFile = await openModel({folder, name, threads: 1, asInFile: true})
  })
  afterAll(async () => {
    await once.close()
    await asInFile.close()
  })

  it('is proven', () => {
    expect(once.facts.notes).toEqual(['self-test passed: 4 checks'])
  })

  it('gives the logits of the files, whatever rows leave, repeat or cross', async () => {
    const rows = fc.array(fc.nat({max: 2}), {minLength: 1, maxLength: 4})
    await fc.assert(
      fc.asyncProperty(fc.array(rows, {minLength: 1, maxLength: 4}), async (selections) => {
        const states = [await once.prefill(PROMPTS), await asInFile.prefill(PROMPTS)]
        expectEqual(states)
        for (const [step, selection] of selections.entries()) {
          for (const state of states) {
            await state.step(new Int32Array(state.rows).fill(3 + step))
            state.select(Int32Array.from(selection, (row) => row % state.rows))
          }
          expectEqual(states)
        }
        for (const state of states) state.close()
      }),
      {numRuns: 10},
    )
  })

  it('takes in rows that begin together', async () => {
    const states: DecoderState[] = []
    for (const model of [once, asInFile]) {
      const state = await model.prefill(PROMPTS.slice(0, 1))
      state.join(await model.prefill(PROMPTS.slice(1)))
      await state.step(Int32Array.of(5, 6, 7))
      states.push(state)
    }
    expectEqual(states)
    for (const state of states) state.close()
  })

  it('still decodes without a cache, for what that costs', async () => {
    const states = [await once.prefill(PROMPTS), await once.prefillWithoutCache!(PROMPTS)]
    for (const state of states) await state.step(Int32Array.of(11, 6, 4))
    expectEqual(states)
    for (const state of states) state.close()
  })
})

function expectEqual([left, right]: readonly DecoderState[]): void {
  expect(left!.logits.length).toBe(right!.logits.length)
  const largest = left!.logits.reduce(
    (most, value, index) => Math.max(most, Math.abs(value - right!.logits[index]!)),
    0,
  )
  expect(largest).toBeLessThan(1e-3)
}
