import {join} from 'node:path'
import {describe, expect, it} from 'vitest'
import {analyticCost} from '../../src/bench/analytic-cost.ts'
import {type ModelWork, readModelWork} from '../../src/bench/model-work.ts'
import {openModel} from '../../src/engine/open-model.ts'
import {checkpointsFolder} from '../../src/inference/shipped-checkpoints.ts'
import {CELL} from './fake-subject.ts'

async function workOf(name: string): Promise<ModelWork> {
  const folder = join(checkpointsFolder(), name)
  const model = await openModel({folder, name})
  await model.close()
  const work = await readModelWork(folder, 'fp32', model.facts)
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
