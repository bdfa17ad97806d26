import {describe, expect, it} from 'vitest'
import type {RowLayout} from '../../src/engine/decoder-only.ts'
import type {LanguageModel, ModelFacts} from '../../src/engine/language-model.ts'
import {chooseLayout, proveBatch} from '../../src/engine/row-layout.ts'
import {agreement, selfTest, testPrompt} from '../../src/engine/self-test.ts'
import {SlmError} from '../../src/errors.ts'
import {hashedLogits} from '../decode/hashed-logits.ts'
import {scriptedModel} from '../decode/scripted-model.ts'

const HASH = {vocabulary: 17, seed: 3, end: [], boost: 0}

/** A decoder-only model whose logits hang on the whole text, as they should. */
function sound(facts: Partial<ModelFacts> = {}): LanguageModel {
  const model = scriptedModel({logits: (prompt, ids) => hashedLogits([...prompt, ...ids], HASH)})
  return {...model, facts: {...model.facts, notes: [], maxRows: undefined, ...facts}}
}

/** The same, but a row beside a longer one sees one token more. */
function leaking(facts: Partial<ModelFacts> = {}): LanguageModel {
  const model = sound(facts)
  return {
    ...model,
    prefill: (prompts) => {
      const longest = Math.max(...prompts.map((prompt) => prompt.length))
      return model.prefill(prompts.map((prompt) => (prompt.length < longest ? [0, ...prompt] : prompt)))
    },
  }
}

/** Steps forget the prompt. */
function forgetful(facts: Partial<ModelFacts> = {}): LanguageModel {
  const model = scriptedModel({
    logits: (prompt, ids) => hashedLogits(ids.length === 0 ? prompt : ids, HASH),
  })
  return {...model, facts: {...model.facts, notes: [], maxRows: undefined, ...facts}}
}

describe('agreement', () => {
  it('is nothing between equal logits, minus infinity included', () => {
    const logits = Float32Array.of(1, Number.NEGATIVE_INFINITY, 3)
    expect(agreement(logits, logits.slice())).toEqual({spread: 0, sameBest: true})
  })

  it('counts in deviations of the expected logits', () => {
    const found = agreement(Float32Array.of(-2, 2), Float32Array.of(-2, 3))
    expect(found).toEqual({spread: 0.5, sameBest: true})
  })

  it('is infinite where one is not a number', () => {
    expect(agreement(Float32Array.of(0, 1), Float32Array.of(Number.NaN, 1)).spread).toBe(
      Number.POSITIVE_INFINITY,
    )
  })
})

describe('testPrompt', () => {
  it('begins as the model wants and holds no other special token', () => {
    const model = sound({vocabulary: 50, tokens: {decoderStart: undefined, begin: 1, end: [2], pad: 0}})
    const prompt = testPrompt(model, 8)
    expect(prompt[0]).toBe(1)
    expect(prompt).toHaveLength(8)
    expect(prompt.slice(1).filter((token) => token < 3)).toEqual([])
    expect(testPrompt(model, 8)).toEqual(prompt)
  })
})

describe('selfTest', () => {
  it('passes a model whose rows hang on their own text alone', async () => {
    const checks = await selfTest(sound())
    expect(checks.map(({scope, passed}) => [scope, passed])).toEqual([
      ['alone', true],
      ['batch', true],
      ['batch', true],
      ['batch', true],
    ])
  })

  it('asks nothing about batches of a model that runs one row at a time', async () => {
    expect((await selfTest(leaking({maxRows: 1}))).map(({scope}) => scope)).toEqual(['alone'])
  })

  it('allows float16 more rounding than float32', async () => {
    const rounded = (facts: Partial<ModelFacts>): LanguageModel => {
      const model = scriptedModel({
        logits: (prompt, ids) =>
          hashedLogits([...prompt, ...ids], HASH).map(
            (logit, token) => logit + (token === 3 ? ids.length / 20 : 0),
          ),
      })
      return {...model, facts: {...model.facts, notes: [], maxRows: 1, ...facts}}
    }
    const passed = async (facts: Partial<ModelFacts>) => (await selfTest(rounded(facts)))[0]!.passed
    expect(await passed({dtype: 'fp16', maxRows: undefined})).toBe(true)
    expect(await passed({dtype: 'fp32', maxRows: undefined})).toBe(false)
  })

  it('finds a row that sees its neighbours', async () => {
    const failed = (await selfTest(leaking())).filter(({passed}) => !passed)
    expect(failed.map(({name}) => name)).toContain('a row in a padded batch equals the row alone')
  })

  it('finds steps that do not see the prompt', async () => {
    const failed = (await selfTest(forgetful())).filter(({passed}) => !passed)
    expect(failed.map(({scope}) => scope)).toEqual(['alone'])
  })
})

describe('chooseLayout', () => {
  const hints = {preferred: 'left', hasPositions: false} as const

  it('takes the first layout in which every check passes', async () => {
    const model = await chooseLayout((layout) => (layout.side === 'right' ? sound() : leaking()), hints)
    expect(model.facts.maxRows).toBeUndefined()
    expect(model.facts.notes).toEqual(['self-test passed: 4 checks; padding on the right'])
  })

  it('runs one row at a time where no layout survives padding, and says so', async () => {
    const model = await chooseLayout(() => leaking(), hints)
    expect(model.facts.maxRows).toBe(1)
    expect(model.facts.notes[0]).toMatch(/^rows run one at a time/)
  })

  it('refuses a model whose steps differ from the whole prompt', async () => {
    await expect(chooseLayout(() => forgetful(), hints)).rejects.toMatchObject({code: 'self-test-failed'})
  })

  it('passes over a layout that the graph does not run in', async () => {
    const broken = (): LanguageModel => ({
      ...sound(),
      prefill: () => Promise.reject(new Error('Got invalid dimensions')),
    })
    const some = (layout: RowLayout): LanguageModel => (layout.side === 'left' ? broken() : sound())
    expect((await chooseLayout(some, hints)).facts.notes[0]).toContain('padding on the right')
    const error: unknown = await chooseLayout(broken, hints).catch((reason: unknown) => reason)
    expect(error).toBeInstanceOf(SlmError)
    expect(String(error)).toContain('the graphs do not run on a short prompt: Got invalid dimensions')
  })
})

describe('proveBatch', () => {
  it('compares a step with one that has no cache', async () => {
    const model = sound({architecture: 'enc-dec'})
    const right = async (prompt: readonly number[], next: number): Promise<Float32Array> =>
      Float32Array.from(hashedLogits([...prompt, next], HASH))
    expect((await proveBatch(model, right, 'file')).facts.notes).toEqual(['self-test passed: 4 checks'])
    const wrong = async (prompt: readonly number[]): Promise<Float32Array> =>
      Float32Array.from(hashedLogits(prompt, HASH))
    await expect(proveBatch(model, wrong, 'file')).rejects.toMatchObject({code: 'self-test-failed'})
  })

  it('lets no graph pass that was rewritten and misses a step, however inexact the file is', async () => {
    const model = sound({architecture: 'enc-dec', batching: {kind: 'inexact', why: 'int8'}})
    const wrong = async (prompt: readonly number[]): Promise<Float32Array> =>
      Float32Array.from(hashedLogits(prompt, HASH))
    expect((await proveBatch(model, wrong, 'file')).facts.notes[0]).toMatch(
      /^self-test: a step with the cache/,
    )
    await expect(proveBatch(model, wrong, 'rewrite')).rejects.toMatchObject({code: 'self-test-failed'})
  })

  it('only notes a miss where a row hangs on the batch anyway', async () => {
    const model = leaking({batching: {kind: 'inexact', why: 'int8'}, architecture: 'enc-dec'})
    const proved = await proveBatch(
      model,
      async (prompt, next) => Float32Array.from(hashedLogits([...prompt, next], HASH)),
      'file',
    )
    expect(proved.facts.maxRows).toBeUndefined()
    expect(proved.facts.notes[0]).toMatch(/^self-test: a row in a padded batch/)
  })
})
