import {describe, expect, it, vi} from 'vitest'
import {measureSample} from '../../src/bench/measure-sample.ts'
import type {BenchSample, MeasuredSample} from '../../src/store/bench-record.ts'
import type {FakeModel} from './fake-process.ts'
import {job, TOOLS} from './fake-subject.ts'

// Starts processes, which takes long where others use the machine.
vi.setConfig({testTimeout: 300_000})

const MEBIBYTE = 2 ** 20

function measured(samples: readonly BenchSample[]): MeasuredSample[] {
  return samples.map((sample) => {
    if (sample.status === 'failed') throw new Error(sample.why)
    return sample
  })
}

describe('a model of known delays, in a process of its own', () => {
  it('comes back with its delays, warm-up marked', async () => {
    const model: FakeModel = {loadMs: 700, prefillMs: 200, stepMs: 50}
    const [warmUp, counted, ...more] = measured(await measureSample(job(model), TOOLS))
    expect(more).toEqual([])
    expect([warmUp?.isWarmUp, counted?.isWarmUp]).toEqual([true, false])
    for (const sample of [warmUp, counted]) {
      expect(sample).toMatchObject({
        loadMs: 700,
        firstTokenMs: 200,
        tokenMs: [50, 50, 50, 50],
        endToEndMs: 400,
        timePerOutputTokenMs: 50,
        tokensPerSecond: 12.5,
        decodeTokensPerSecond: 20,
        computeMs: 400,
        energy: {missing: 'a test reads none'},
      })
    }
  })

  it('counts the tokens of all rows, end tokens or not', async () => {
    const model: FakeModel = {prefillMs: 100, stepMs: 25}
    const [, counted] = measured(await measureSample(job(model, {batch: 8, outputTokens: 9}), TOOLS))
    expect(counted).toMatchObject({firstTokenMs: 100, endToEndMs: 300, tokensPerSecond: 240})
    expect(counted?.decodeTokensPerSecond).toBe(320)
  })

  it('computes everything again for each token without a cache', async () => {
    const model: FakeModel = {prefillMs: 100, stepMs: 1}
    const [, counted] = measured(await measureSample(job(model, {setting: 'no-cache'}), TOOLS))
    expect(counted).toMatchObject({firstTokenMs: 100, tokenMs: [100, 100, 100, 100]})
  })

  it('leaves out of the clock what was computed for an earlier request', async () => {
    const prefix = {setting: 'prefix-cache', prefixTokens: 30} as const
    const both = measured(await measureSample(job({prefillMs: 100, stepMs: 1}, prefix), TOOLS))
    for (const sample of both)
      expect(sample).toMatchObject({firstTokenMs: 25, endToEndMs: 29, prefixTokens: 30})
  })

  it('has no time per output token where there is one token', async () => {
    const [, counted] = measured(await measureSample(job({prefillMs: 100}, {outputTokens: 1}), TOOLS))
    expect(counted).toMatchObject({firstTokenMs: 100, endToEndMs: 100, tokenMs: []})
    expect(counted?.timePerOutputTokenMs).toEqual({
      missing: 'there is one output token, and none after the first',
    })
  })
})

describe('a model of known size, seen from outside', () => {
  it('comes back within 5%, loaded and peak apart', async () => {
    const model: FakeModel = {loadedBytes: 192 * MEBIBYTE, stateBytes: 128 * MEBIBYTE}
    const [counted] = measured(await measureSample(job(model, {}, 0), TOOLS))
    const memory = counted?.memory
    if (memory === undefined || 'missing' in memory) throw new Error('no memory was read')
    const loaded = (memory.loadedBytes - memory.baselineBytes) / (192 * MEBIBYTE)
    const added = (memory.peakBytes - memory.loadedBytes) / (128 * MEBIBYTE)
    expect(Math.abs(loaded - 1)).toBeLessThan(0.05)
    expect(Math.abs(added - 1)).toBeLessThan(0.05)
  })
})

describe('a peak of loading', () => {
  it('is not one of generating where the system can tell them apart, and the method says where it cannot', async () => {
    const model: FakeModel = {loadingBytes: 192 * MEBIBYTE, stateBytes: 16 * MEBIBYTE}
    const [counted] = measured(await measureSample(job(model, {}, 0), TOOLS))
    const memory = counted?.memory
    if (memory === undefined || 'missing' in memory) throw new Error('no memory was read')
    expect(memory.loadPeakBytes - memory.baselineBytes).toBeGreaterThan(190 * MEBIBYTE)
    const isApart = memory.peakBytes < memory.loadPeakBytes - 128 * MEBIBYTE
    expect(isApart).toBe(!memory.method.includes('the peak includes loading'))
  })
})

describe('rows that do not go through the model together', () => {
  it.each([
    ['memory is short', {fails: 'rows'}, {batch: 4}, /batch 4 does not fit/],
    [
      'their states cannot be joined',
      {joins: false},
      {batch: 6, inputTokens: 900},
      /6 rows were not decoded together for 5 tokens/,
    ],
  ] as const)('fail the sample: %s', async (_, model, cell, why) => {
    const samples = await measureSample(job(model, cell), TOOLS)
    expect(samples).toHaveLength(1)
    expect(samples[0]).toMatchObject({status: 'failed', why: expect.stringMatching(why)})
  })
})

describe('a process that fails', () => {
  it.each([
    ['open', /the file is broken/],
    ['step', /no memory for the step/],
    ['killed', /ended \(signal SIGKILL; the system may have been out of memory\)/],
  ] as const)('says why: %s', async (fails, why) => {
    const samples = await measureSample(job({fails}), TOOLS)
    expect(samples).toHaveLength(1)
    expect(samples[0]).toMatchObject({status: 'failed', why: expect.stringMatching(why), isWarmUp: false})
  })
})
