import {join} from 'node:path'
import {fileURLToPath} from 'node:url'
import {describe, expect, it} from 'vitest'
import {analyticCost} from '../../src/bench/analytic-cost.ts'
import {type ModelWork, readModelWork} from '../../src/bench/model-work.ts'
import type {Dtype} from '../../src/engine/language-model.ts'
import {openModel} from '../../src/engine/open-model.ts'
import {checkpointsFolder} from '../../src/inference/shipped-checkpoints.ts'
import {CELL} from './fake-subject.ts'

async function workOf(name: string, dtype: Dtype = 'fp32', parent = checkpointsFolder()): Promise<ModelWork> {
  const folder = join(parent, name)
  const model = await openModel({folder, name, dtype})
  await model.close()
  const work = await readModelWork(folder, dtype, model.facts)
  if (work === undefined) throw new Error('no work was read')
  return work
}

describe('what a model computes, read off its graphs', () => {
  it('is that of its shape: 4 + 2 layers, width 48, 2 heads of 16 with 1 of keys, feed-forward 187, vocabulary 259', async () => {
    const attention = 48 * 32 + 2 * 48 * 16 + 32 * 48
    const inner = 2 * 48 * 187
    expect(await workOf('demo-enc-dec')).toEqual({
      isPair: true,
      encoderMultiplications: 4 * (attention + inner),
      crossMultiplications: 2 * 2 * 48 * 16,
      decoderMultiplications: 2 * (attention + 2 * 48 * 32 + inner),
      headMultiplications: 48 * 259,
      stepWeightBytes: 4 * (2 * (attention + 2 * 48 * 32 + inner) + 48 * 259),
      selfCacheBytes: 2 * 2 * 16 * 4,
      crossCacheBytes: 2 * 2 * 16 * 4,
      attention: {encoder: 4 * 32, decoder: 2 * 32},
    })
  })

  it('is all weights but the embedding’s rows for each token of a decoder-only model', async () => {
    const work = await workOf('demo-dec-only')
    expect(work.decoderMultiplications + work.headMultiplications).toBe(work.stepWeightBytes / 4)
    expect(work).toMatchObject({encoderMultiplications: 0, crossMultiplications: 0, crossCacheBytes: 0})
  })
})

const FOREIGN = fileURLToPath(new URL('../fixtures/checkpoints', import.meta.url))

describe('what a foreign export computes', () => {
  it('GPT-2: fused queries, keys and values; a head tied to the embedding', async () => {
    expect(await workOf('gpt2', 'fp32', FOREIGN)).toMatchObject({
      decoderMultiplications: 3 * (48 * 144 + 48 * 48 + 2 * 48 * 192),
      headMultiplications: 48 * 601,
    })
  })

  it('Llama in 4 bits: the multiplications of fp32, half a byte a weight and a scale for each 32', async () => {
    const quantized = await workOf('llama-genai-int4', 'q4', FOREIGN)
    const whole = await workOf('llama-genai', 'fp32', FOREIGN)
    const multiplications = whole.decoderMultiplications + whole.headMultiplications
    expect(multiplications).toBe(2 * (2 * 64 * 64 + 2 * 64 * 32 + 3 * 64 * 128) + 64 * 608)
    expect(quantized).toMatchObject({
      decoderMultiplications: whole.decoderMultiplications,
      headMultiplications: whole.headMultiplications,
      stepWeightBytes: multiplications / 2 + (4 * multiplications) / 32,
    })
  })

  it('T5 with a merged decoder: keys and values of the input in the first step alone', async () => {
    const [inner, forward] = [48 * 64, 3 * 48 * 80]
    expect(await workOf('t5-gated-merged', 'q4', FOREIGN)).toMatchObject({
      encoderMultiplications: 3 * (4 * inner + forward),
      crossMultiplications: 2 * 2 * inner,
      decoderMultiplications: 2 * (6 * inner + forward),
      headMultiplications: 48 * 432,
    })
  })
})

const PAIR: ModelWork = {
  isPair: true,
  encoderMultiplications: 1000,
  crossMultiplications: 10,
  decoderMultiplications: 500,
  headMultiplications: 100,
  stepWeightBytes: 2400,
  selfCacheBytes: 4,
  crossCacheBytes: 4,
  attention: undefined,
}
const SINGLE: ModelWork = {
  ...PAIR,
  isPair: false,
  encoderMultiplications: 0,
  crossMultiplications: 0,
  decoderMultiplications: 1500,
  selfCacheBytes: 8,
  crossCacheBytes: 0,
}

describe('what a cell costs', () => {
  it('counts a multiplication and an addition as two', () => {
    const cost = analyticCost(PAIR, {...CELL, batch: 2})
    expect(cost).toMatchObject({
      firstTokenFlops: 2 * 2 * (40 * 1010 + 600),
      flopsPerStep: 2 * 2 * 600,
      weightBytesPerStep: 2400,
      cacheBytesPerStep: 2 * (4 * 3 + 4 * 40),
      hasAttention: false,
    })
  })

  it('needs the output head for one position of a prompt', () => {
    const cost = analyticCost(SINGLE, CELL)
    expect(cost.firstTokenFlops).toBe(2 * (40 * 1500 + 100))
    expect(cost.cacheBytesPerStep).toBe(8 * 42.5)
  })

  it('is the whole prompt again for each token without a cache', () => {
    const cost = analyticCost(SINGLE, {...CELL, setting: 'no-cache'})
    expect(cost.flopsPerStep).toBe(2 * (42.5 * 1500 + 100))
  })

  it('leaves out a prefix that was computed before', () => {
    const cost = analyticCost(SINGLE, {...CELL, setting: 'prefix-cache', prefixTokens: 30})
    expect(cost.firstTokenFlops).toBe(2 * (10 * 1500 + 100))
  })
})
