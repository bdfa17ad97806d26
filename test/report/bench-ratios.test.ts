import fc from 'fast-check'
import {describe, expect, it} from 'vitest'
import {RATIO_IDS, type RatioTable} from '../../src/report/bench-comparison.ts'
import {ratioTables} from '../../src/report/bench-ratios.ts'
import {benchReading} from '../../src/report/bench-reading.ts'
import type {BenchModelRecord, BenchRecord} from '../../src/store/bench-record.ts'
import {MACHINE, madeUpRun, modelRecord, type SampleDraft, sampleRecord} from './bench-records.ts'

const ENC_DEC = modelRecord('enc-dec')
const DEC_ONLY = modelRecord('dec-only')
type Side = readonly [BenchModelRecord, readonly SampleDraft[]]

function tablesOf(...sides: readonly Side[]): RatioTable[] {
  const records: BenchRecord[] = [MACHINE, ...sides.map(([model]) => model)]
  for (const [model, drafts] of sides) records.push(...drafts.map((draft) => sampleRecord(model, draft)))
  return ratioTables(benchReading('made-up', records))
}

const repeated = (count: number, draft: SampleDraft): SampleDraft[] =>
  Array.from({length: count}, (_, repeat) => ({...draft, repeat}))

const milliseconds = fc.double({min: 1, max: 1e5, noNaN: true})

describe('a ratio', () => {
  it('is 1 with no width where both sides took the same times, whatever they were', () => {
    fc.assert(
      fc.property(fc.array(milliseconds, {minLength: 1, maxLength: 8}), (times) => {
        const drafts = times.map((firstTokenMs, repeat) => ({repeat, firstTokenMs}))
        const [table] = tablesOf([ENC_DEC, drafts], [DEC_ONLY, drafts])
        for (const id of RATIO_IDS.filter((one) => one !== 'flops'))
          expect(table?.rows[0]?.ratios[id]).toEqual({
            kind: 'estimate',
            estimate: {value: 1, low: 1, high: 1, count: times.length},
          })
      }),
      {numRuns: 30},
    )
  })

  it('lies in its interval, and the interval among the ratios of the repeats', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(milliseconds, milliseconds), {minLength: 1, maxLength: 8}), (pairs) => {
        const [table] = tablesOf(
          [ENC_DEC, pairs.map(([firstTokenMs], repeat) => ({repeat, firstTokenMs}))],
          [DEC_ONLY, pairs.map(([, firstTokenMs], repeat) => ({repeat, firstTokenMs}))],
        )
        const cell = table?.rows[0]?.ratios.firstTokenMs
        if (cell?.kind !== 'estimate') throw new Error('no ratio')
        const {value, low, high} = cell.estimate
        const ratios = pairs.map(([a, b]) => a / b)
        expect(low).toBeLessThanOrEqual(value)
        expect(high).toBeGreaterThanOrEqual(value)
        expect(low).toBeGreaterThanOrEqual(Math.min(...ratios) * (1 - 1e-9))
        expect(high).toBeLessThanOrEqual(Math.max(...ratios) * (1 + 1e-9))
      }),
      {numRuns: 50},
    )
  })

  it('pairs repeat by repeat: what one side alone measured is in no ratio, nor is a repeat of another start', () => {
    const [table] = tablesOf(
      [
        ENC_DEC,
        [
          {repeat: 0, firstTokenMs: 50},
          {repeat: 1, firstTokenMs: 1},
          {repeat: 2, firstTokenMs: 1},
        ],
      ],
      [
        DEC_ONLY,
        [
          {repeat: 0, firstTokenMs: 100},
          {repeat: 1, firstTokenMs: 100, start: 2},
        ],
      ],
    )
    expect(table?.rows[0]?.ratios.firstTokenMs).toEqual({
      kind: 'estimate',
      estimate: {value: 0.5, low: 0.5, high: 0.5, count: 1},
    })
  })

  it('leaves warm-up out', () => {
    const [table] = tablesOf(
      [ENC_DEC, [{firstTokenMs: 9000, isWarmUp: true}, {firstTokenMs: 50}]],
      [DEC_ONLY, [{firstTokenMs: 100}]],
    )
    expect(table?.rows[0]?.ratios.firstTokenMs).toMatchObject({estimate: {value: 0.5, count: 1}})
  })

  it('of operations is a count without interval', () => {
    const [table] = ratioTables(benchReading('made-up', madeUpRun()))
    expect(table?.rows[0]?.ratios.flops).toEqual({kind: 'number', value: expect.closeTo(0.66, 9)})
  })
})

describe('what has no ratio', () => {
  const condition = {batch: 1, inputTokens: 512, outputTokens: 5, setting: 'cached'} as const
  const ratiosWith = (record: BenchRecord) => {
    const records = [MACHINE, ENC_DEC, DEC_ONLY, sampleRecord(ENC_DEC), record]
    return ratioTables(benchReading('made-up', records))[0]?.rows[0]?.ratios
  }

  it('says why a side cannot be measured', () => {
    const why = 'the context has 256 positions'
    expect(ratiosWith({kind: 'missing', model: 'dec-only', ...condition, why})?.firstTokenMs).toEqual({
      kind: 'missing',
      short: 'not possible',
      why: `dec-only: ${why}`,
    })
  })

  it('says why a side failed', () => {
    const {program, architecture, dtype, parameters, threads, prefixTokens} = sampleRecord(DEC_ONLY)
    const failed: BenchRecord = {
      ...{kind: 'sample', status: 'failed', model: 'dec-only', ...condition, start: 1, repeat: 0},
      ...{program, architecture, dtype, parameters, threads, prefixTokens},
      ...{isWarmUp: false, indexInProcess: 0, why: 'killed by the system: out of memory'},
    } as const
    expect(ratiosWith(failed)?.peakBytes).toEqual({
      kind: 'missing',
      short: 'failed',
      why: 'dec-only: killed by the system: out of memory',
    })
  })

  it('says that a condition was measured on one side alone', () => {
    const [table] = tablesOf([ENC_DEC, [{inputTokens: 128}]], [DEC_ONLY, [{inputTokens: 512}]])
    expect(table?.rows.map(({ratios}) => ratios.endToEndMs)).toEqual([
      {kind: 'missing', short: 'not measured', why: 'dec-only was not measured under this condition'},
      {kind: 'missing', short: 'not measured', why: 'enc-dec was not measured under this condition'},
    ])
  })

  it('says that operations were not counted', () => {
    const [table] = tablesOf([ENC_DEC, [{}]], [DEC_ONLY, [{}]])
    expect(table?.rows[0]?.ratios.flops).toMatchObject({kind: 'missing', short: 'not counted'})
  })
})

describe('what stands beside each other', () => {
  const pairs = (...models: readonly BenchModelRecord[]): string[] =>
    tablesOf(...models.map((model): Side => [model, [{}]])).map(
      ({first, second, warnings}) =>
        `${first.model}/${second.model}${warnings.map((text) => ` ${text}`).join('')}`,
    )

  it('are models of one dtype and equal size', () => {
    expect(
      pairs(
        modelRecord('enc-dec'),
        modelRecord('enc-dec q4', {dtype: 'q4'}),
        modelRecord('dec-only', {parameters: 331_000_000}),
        modelRecord('dec-only 1b', {parameters: 1_000_000_000}),
        modelRecord('dec-only q4', {dtype: 'q4'}),
      ),
    ).toEqual(['enc-dec/dec-only', 'enc-dec q4/dec-only q4'])
  })

  it('is the nearest size where none is equal, with a warning', () => {
    expect(pairs(ENC_DEC, modelRecord('dec-only', {parameters: 350_000_000}))).toEqual([
      'enc-dec/dec-only Warning: sizes are not matched within 1%: 330000000 against 350000000 parameters',
    ])
  })

  it('is warned of where sizes are not known or threads differ', () => {
    expect(pairs(ENC_DEC, modelRecord('dec-only', {parameters: {missing: 'no graph'}, threads: 1}))).toEqual([
      'enc-dec/dec-only Warning: parameter counts are not known, so it is not known whether the sizes match Warning: threads differ: 2 against 1',
    ])
  })

  it('is one model in two programs', () => {
    const peer = modelRecord('enc-dec (other)', {name: 'enc-dec', program: 'transformers.js'})
    expect(pairs(ENC_DEC, peer)).toEqual(['enc-dec/enc-dec (other)'])
  })

  it('with a shared prefix, is the decoder-only model with it and the encoder-decoder model as it is', () => {
    const [table] = tablesOf(
      [ENC_DEC, [{firstTokenMs: 80}]],
      [DEC_ONLY, [{firstTokenMs: 100}, {setting: 'prefix-cache', firstTokenMs: 20}]],
    )
    expect(
      table?.rows.map(({firstSetting, secondSetting, ratios: {firstTokenMs}}) => [
        firstSetting,
        secondSetting,
        firstTokenMs.kind === 'estimate' ? firstTokenMs.estimate.value : firstTokenMs,
      ]),
    ).toEqual([
      ['cached', 'cached', expect.closeTo(0.8, 9)],
      ['cached', 'prefix-cache', expect.closeTo(4, 9)],
    ])
  })
})

describe('a verdict', () => {
  const verdicts = (first: readonly SampleDraft[], second: readonly SampleDraft[]): readonly string[] =>
    tablesOf([ENC_DEC, first], [DEC_ONLY, second])[0]?.verdicts ?? []

  it('names the winner, where, and by how much', () => {
    const said = verdicts(
      repeated(6, {firstTokenMs: 60, tokenMs: 10}),
      repeated(6, {firstTokenMs: 100, tokenMs: 25}),
    )
    expect(said[0]).toBe(
      'cached, fp32, 5 new tokens: enc-dec (enc-dec) has 40% [40%, 40%] lower first-token latency at input 512 tokens, batch 1',
    )
    expect(said[1]).toBe(
      'cached, fp32, 5 new tokens: enc-dec (enc-dec) has 2.50 [2.50, 2.50] times the tokens per second after the first at input 512 tokens, batch 1',
    )
  })

  it('says which one wins at which length when they share', () => {
    const at = (inputTokens: number, firstTokenMs: number): SampleDraft[] =>
      repeated(5, {inputTokens, firstTokenMs})
    const [said] = verdicts([...at(128, 50), ...at(2048, 200)], [...at(128, 40), ...at(2048, 400)])
    expect(said).toBe(
      'cached, fp32, 5 new tokens: enc-dec (enc-dec) has 50% [50%, 50%] lower first-token latency at input 2,048 tokens, batch 1; dec-only (dec-only) has 20% [20%, 20%] lower first-token latency at input 128 tokens, batch 1',
    )
  })

  it('names nobody where the interval holds 1', () => {
    const times = [90, 95, 100, 105, 110, 115]
    const said = verdicts(
      times.map((firstTokenMs, repeat) => ({repeat, firstTokenMs})),
      repeated(6, {firstTokenMs: 100}),
    )
    expect(said[0]).toMatch(
      /^cached, fp32, 5 new tokens: first-token latency: no difference shown at input 512 tokens, batch 1: all ratios lie in \[0\.9\d, 1\.1\d\]$/,
    )
  })

  it('names nobody from fewer than five pairs', () => {
    const [said] = verdicts(repeated(4, {firstTokenMs: 1}), repeated(4, {firstTokenMs: 100}))
    expect(said).toBe(
      'cached, fp32, 5 new tokens: first-token latency: nothing is said at input 512 tokens, batch 1, for fewer than 5 pairs of samples',
    )
  })

  it('warns of a busy machine', () => {
    const [table] = tablesOf([ENC_DEC, repeated(5, {isBusy: true})], [DEC_ONLY, repeated(5, {})])
    expect(table?.warnings).toEqual([
      expect.stringContaining('other programs used the machine during 5 of 10 samples'),
    ])
  })
})
