import fc from 'fast-check'
import {afterAll, beforeAll, describe, expect, it} from 'vitest'
import {attentionWindow, PROOF_SLOTS, proveDelta} from '../../src/engine/delta-proof.ts'
import type {DecoderState, LanguageModel} from '../../src/engine/language-model.ts'
import {openModel} from '../../src/engine/open-model.ts'
import {fixtureFolder} from './checkpoint-fixture.ts'

const IN_PLACE = 'keys and values stay in place between steps (rewritten at load)'

async function open(name: string, asInFile: boolean): Promise<LanguageModel> {
  return openModel({folder: fixtureFolder(name), name, threads: 1, asInFile})
}

/** What can happen to a batch that decodes; numbers are taken modulo what there is. */
const operations = fc.array(
  fc.oneof(
    {
      weight: 3,
      arbitrary: fc.record({kind: fc.constant('step' as const), token: fc.integer({min: 3, max: 90})}),
    },
    fc.record({
      kind: fc.constant('select' as const),
      rows: fc.array(fc.nat(9), {minLength: 1, maxLength: 4}),
    }),
    fc.record({kind: fc.constant('join' as const), length: fc.integer({min: 1, max: 40})}),
  ),
  {minLength: 4, maxLength: 14},
)
type Operation = (typeof operations extends fc.Arbitrary<infer Value> ? Value : never)[number]

const prompt = (length: number): number[] => Array.from({length}, (_, index) => 5 + ((index * 7) % 80))

async function apply(model: LanguageModel, state: DecoderState, operation: Operation): Promise<void> {
  if (operation.kind === 'step') await state.step(new Int32Array(state.rows).fill(operation.token))
  else if (operation.kind === 'select')
    state.select(Int32Array.from(operation.rows, (row) => row % state.rows))
  else state.join(await model.prefill([prompt(operation.length)]))
}

function largestDifference(left: Float32Array, right: Float32Array): number {
  expect(left.length).toBe(right.length)
  return left.reduce((most, value, index) => Math.max(most, Math.abs(value - right[index]!)), 0)
}

describe.each(['gpt2', 'qwen2-external-data'])('%s with its cache in place', (name) => {
  let inPlace: LanguageModel
  let asInFile: LanguageModel
  beforeAll(async () => {
    inPlace = await open(name, false)
    asInFile = await open(name, true)
  })
  afterAll(async () => {
    await inPlace.close()
    await asInFile.close()
  })

  it('says so, and that the file’s own form is not used', () => {
    expect(inPlace.facts.notes.join()).toContain(IN_PLACE)
    expect(asInFile.facts.notes.join()).not.toContain(IN_PLACE)
  })

  it('gives the file’s logits whatever rows leave, repeat, cross or join', async () => {
    await fc.assert(
      fc.asyncProperty(operations, async (steps) => {
        const prompts = [prompt(3), prompt(30)]
        const left = await inPlace.prefill(prompts)
        const right = await asInFile.prefill(prompts)
        for (const step of steps) {
          await apply(inPlace, left, step)
          await apply(asInFile, right, step)
          expect(largestDifference(left.logits, right.logits)).toBeLessThan(1e-3)
        }
        left.close()
        right.close()
      }),
      {numRuns: 12},
    )
  })

  it('gives the file’s logits past several growths, and after the longest row has left', async () => {
    const prompts = [prompt(4), prompt(20)]
    const left = await inPlace.prefill(prompts)
    const right = await asInFile.prefill(prompts)
    for (let step = 0; step < 60; step += 1) {
      if (step === 50) for (const state of [left, right]) state.select(Int32Array.of(0))
      const next = new Int32Array(left.rows).fill(3 + step)
      await left.step(next)
      await right.step(next)
      expect(largestDifference(left.logits, right.logits)).toBeLessThan(1e-3)
    }
    left.close()
    right.close()
  })

  it.each([4, 2 ** 45])(
    'joins the same with memory reserved, and where there is none: %d rows',
    async (rows) => {
      const states: DecoderState[] = []
      for (const model of [inPlace, asInFile]) {
        const state = await model.prefill([prompt(4)])
        state.reserve?.(rows)
        for (const length of [20, 7]) state.join(await model.prefill([prompt(length)]))
        await state.step(Int32Array.of(5, 6, 7))
        states.push(state)
      }
      expect(largestDifference(states[0]!.logits, states[1]!.logits)).toBeLessThan(1e-3)
      for (const state of states) state.close()
    },
  )

  it('takes only rows of the same model', async () => {
    const left = await inPlace.prefill([prompt(3)])
    const right = await asInFile.prefill([prompt(3)])
    expect([left.canJoin(right), right.canJoin(left)]).toEqual([false, false])
    expect(() => left.join(right)).toThrow('cannot be joined')
    left.close()
    right.close()
  })
})

describe('a cache that stays as the file has it', () => {
  it.each([
    ['gemma2', 'the cache is copied at each step: config.json names an attention window (sliding_window 16)'],
    ['llama-genai', 'the cache is copied at each step: the graph counts positions itself'],
  ])('%s gives its reason', async (name, note) => {
    const model = await open(name, false)
    expect(model.facts.notes).toContain(note)
    await model.close()
  })

  it('is refused where unused slots change the logits', async () => {
    const model = await open('gpt2', false)
    const other = await open('qwen2-external-data', false)
    const spacious: LanguageModel = {
      ...model,
      prefill: async (prompts) => {
        const state = await model.prefill(prompts)
        state.join(await model.prefill([prompt(PROOF_SLOTS / 16)]))
        await state.step(Int32Array.of(7, 8))
        state.select(Int32Array.of(1))
        return state
      },
    }
    expect(await proveDelta(model, model)).toMatchObject({kind: 'proven'})
    expect(await proveDelta(model, spacious)).toMatchObject({
      kind: 'refused',
      why: expect.stringContaining('unused slots move logits'),
    })
    expect(await proveDelta(model, {...other, facts: model.facts})).toMatchObject({kind: 'refused'})
    await model.close()
    await other.close()
  })
})

describe('the attention window of a configuration', () => {
  const found = (model: Record<string, unknown>, context?: number): string | undefined =>
    attentionWindow({model, generation: undefined, genai: undefined}, context)

  it.each([
    [{sliding_window: 4096}, 32768, 'config.json names an attention window (sliding_window 4096)'],
    [{window_size: 256}, undefined, 'config.json names an attention window (window_size 256)'],
    [
      {text_config: {sliding_window: 512}},
      8192,
      'config.json names an attention window (sliding_window 512)',
    ],
    [{sliding_window: 4096, use_sliding_window: false}, 32768, undefined],
    [{sliding_window: null}, 2048, undefined],
    [{sliding_window: 2048}, 2048, undefined],
    [{sliding_window_pattern: 6, max_window_layers: 28}, 2048, undefined],
    [{}, undefined, undefined],
  ] as const)('%j in a context of %s', (model, context, window) => {
    expect(found(model, context)).toBe(window)
  })
})
