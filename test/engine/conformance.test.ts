import {afterAll, beforeAll, describe, expect, it} from 'vitest'
import type {Dtype, LanguageModel} from '../../src/engine/language-model.ts'
import {openModel} from '../../src/engine/open-model.ts'
import {decodePrompts, type Expected, fixtureFolder, readExpected} from './checkpoint-fixture.ts'

/** Largest difference between PyTorch and ONNX Runtime logits that the exporters' own checks allow. */
const LOGITS_WITHIN = 2e-3

const BEAM4 = {num_beams: 4, length_penalty: 1, early_stopping: false}

/** Folders whose fp32 numbers come from transformers' generate(). */
const FP32 = [
  't5-relu',
  'gpt2',
  'gemma2',
  'llama-genai',
  'qwen2-external-data',
  'bloom-joined-heads',
  'bigcode-fused-cache',
  'longt5-blocks',
]

/** The new ids: the reference's rows of encoder-decoders begin with the start token. */
function newIds(expected: Expected, ids: readonly number[]): readonly number[] {
  return expected.kind === 'enc-dec' ? ids.slice(1) : ids
}

function promptOf(expected: Expected, label: string): readonly number[] {
  return expected.prompts.find((prompt) => prompt.label === label)!.ids
}

describe.each(FP32)('%s equals transformers', (name) => {
  const folder = fixtureFolder(name)
  const expected = readExpected(name)
  const prompts = expected.prompts.map(({ids}) => ids)
  const cases = expected.cases!
  const greedy = cases.map((each) => newIds(expected, each.greedy))
  let model: LanguageModel
  beforeAll(async () => {
    model = await openModel({folder, name, threads: 1})
  })
  afterAll(() => model.close())

  it('gives the ids, the five best logits of each step and the log-probability, one prompt at a time', async () => {
    const rows = await decodePrompts(folder, model, prompts)
    expect(rows.map((row) => row.newIds)).toEqual(greedy)
    for (const [index, row] of rows.entries()) {
      const {top, logprob, finish} = cases[index]!
      expect(row.steps!.map(({ids}) => ids)).toEqual(top.map((step) => step.map(([id]) => id)))
      const logits = row.steps!.flatMap((step) => step.logits)
      const apart = top.flat().map(([, logit], at) => Math.abs(logit - logits[at]!))
      expect(Math.max(...apart)).toBeLessThan(LOGITS_WITHIN)
      expect(Math.abs(row.logprob! - logprob)).toBeLessThan(LOGITS_WITHIN)
      expect(row.finish).toBe(finish === 'eos' ? 'end-token' : 'length')
    }
  })

  it.each([10, 3])('gives the same ids in batches of %d', async (batchSize) => {
    const rows = await decodePrompts(folder, model, prompts, {batchSize})
    expect(rows.map((row) => row.newIds)).toEqual(greedy)
  })

  it.each([1, 10])('gives the best of 4 beams and its score in batches of %d', async (batchSize) => {
    const rows = await decodePrompts(folder, model, prompts, {settings: BEAM4, batchSize})
    expect(rows.map((row) => row.newIds)).toEqual(cases.map((each) => newIds(expected, each.beam4)))
    const apart = rows.map((row, index) => Math.abs(row.score! - cases[index]!.beam4Score))
    expect(Math.max(...apart)).toBeLessThan(1e-3)
  })

  it('gives the same ids under each processor', async () => {
    for (const {source, settings, ids} of expected.processors!) {
      const [row] = await decodePrompts(folder, model, [promptOf(expected, source)], {settings})
      expect({source, settings, ids: row!.newIds}).toEqual({source, settings, ids: newIds(expected, ids)})
    }
  })

  it('gives the same sequences and scores under other beam settings', async () => {
    for (const {source, settings, ids, scores} of expected.otherBeams!) {
      const [row] = await decodePrompts(folder, model, [promptOf(expected, source)], {settings})
      const sequences = row!.sequences ?? [{newIds: row!.newIds, score: row!.score!}]
      expect(sequences.map((each) => each.newIds)).toEqual(ids.map((each) => newIds(expected, each)))
      const apart = sequences.map((each, index) => Math.abs(each.score - scores[index]!))
      expect(Math.max(...apart)).toBeLessThan(1e-3)
    }
  })
})

/**
 * Reduced files. 4-bit weights at no accuracy level compute in float, so every processor agrees; float16 and level 4
 * may take other kernels elsewhere, so of those only what holds on any processor is asked: a batch gives what single
 * prompts give where that is promised.
 */
describe('reduced files', () => {
  it('gives the ids and logits of a 4-bit encoder-decoder, alone and in a batch', async () => {
    const {folder, expected, model} = await openFixture('t5-gated-merged', 'q4')
    const cases = expected.variants!['q4']!
    const prompts = expected.prompts.map(({ids}) => ids)
    for (const batchSize of [1, 10]) {
      const rows = await decodePrompts(folder, model, prompts, {batchSize})
      expect(rows.map((row) => row.newIds)).toEqual(cases.map((each) => newIds(expected, each.greedy)))
      const logits = rows.flatMap((row) => row.steps!.flatMap((step) => step.logits))
      const apart = cases
        .flatMap((each) => each.top.flat())
        .map(([, logit], at) => Math.abs(logit - logits[at]!))
      expect(Math.max(...apart)).toBeLessThan(LOGITS_WITHIN)
    }
    await model.close()
  })

  it.each([
    ['t5-gated-merged', 'fp16', false],
    ['llama-genai-int4', undefined, true],
  ] as const)('%s (%s) gives in a batch what it gives alone', async (name, dtype, exact) => {
    const {folder, expected, model} = await openFixture(name, dtype, exact)
    expect(model.facts.batching).toEqual({kind: 'exact'})
    const prompts = expected.prompts.map(({ids}) => ids)
    const alone = await decodePrompts(folder, model, prompts)
    const together = await decodePrompts(folder, model, prompts, {batchSize: 10})
    expect(together.map((row) => row.newIds)).toEqual(alone.map((row) => row.newIds))
    await model.close()
  })

  it('starts near the reference in float16 and at accuracy level 4', async () => {
    for (const [name, dtype, variant] of [
      ['t5-gated-merged', 'fp16', 'fp16'],
      ['llama-genai-int4', undefined, 'q4'],
    ] as const) {
      const {folder, expected, model} = await openFixture(name, dtype)
      const rows = await decodePrompts(
        folder,
        model,
        expected.prompts.map(({ids}) => ids),
      )
      const apart = expected.variants![variant]!.map(({top}, index) => {
        const {ids, logits} = rows[index]!.steps![0]!
        const [[best, logit]] = top[0]! as [readonly [number, number]]
        return Math.abs(logit - (logits[ids.indexOf(best)] ?? Number.NEGATIVE_INFINITY))
      })
      expect(Math.max(...apart)).toBeLessThan(0.3)
      await model.close()
    }
  })
})

async function openFixture(name: string, dtype: Dtype | undefined, exact = false) {
  const folder = fixtureFolder(name)
  const model = await openModel({folder, name, threads: 1, exact, ...(dtype ? {dtype} : {})})
  return {folder, expected: readExpected(name), model}
}
