import {readdirSync, readFileSync} from 'node:fs'
import {join} from 'node:path'
import {fileURLToPath} from 'node:url'
import {parse} from 'csv-parse/sync'
import {describe, expect, it} from 'vitest'
import {readPublishedEfficiency} from '../../src/report/bench-claims.ts'
import {formatBench} from '../../src/report/bench-formats.ts'
import {benchReading, readBenches} from '../../src/report/bench-reading.ts'
import {compareBenches} from '../../src/report/compare-benches.ts'
import {drawFigures} from '../../src/report/draw-figures.ts'
import {FORMATS} from '../../src/report/formats.ts'
import {readRuns} from '../../src/report/read-runs.ts'
import type {BenchRecord} from '../../src/store/bench-record.ts'
import {MACHINE, madeUpRun, modelRecord, sampleRecord} from './bench-records.ts'
import {temporaryFolder, writeRun} from './run-folder.ts'

const reading = benchReading('bench-made-up', madeUpRun())
const comparison = compareBenches([reading])

describe('the claims of the paper', () => {
  it('are the ones that it prints', () => {
    const {claims, figure1} = readPublishedEfficiency()
    expect(Object.values(claims).map(({printed}) => printed)).toEqual([
      '47% lower (NPU)',
      '4.7x (NPU)',
      '11-16% less',
      '22% fewer',
    ])
    expect(claims.firstTokenMs.ratio).toEqual([0.53, 0.53])
    expect(claims.tokensPerSecond.ratio).toEqual([4.7, 4.7])
    expect(claims.peakBytes.ratio).toEqual([0.84, 0.89])
    expect(claims.flops.ratio).toEqual([0.78, 0.78])
    expect(figure1.inputTokens).toEqual([512, 1024, 2048, 4096, 8192])
    expect(figure1.seconds['dec-only']).toEqual([0.4, 1.2, 2.7, 12.2, 44.9])
    expect(figure1.seconds['enc-dec']).toEqual([0.1, 0.2, 0.2, 0.4, 1.4])
  })
})

describe('a comparison of benchmarks', () => {
  it.each(FORMATS)('prints as %s, made up', async (format) => {
    await expect(formatBench(comparison, format)).toMatchFileSnapshot(`./snapshots/bench-${format}.snap`)
  })

  it('is the same whatever the order of the lines', () => {
    const turned = compareBenches([benchReading('bench-made-up', reordered(madeUpRun()))])
    expect(formatBench(turned, 'csv')).toBe(formatBench(comparison, 'csv'))
  })

  it('has a line of CSV for each value, unrounded, with the claim beside the ratio', () => {
    const rows = parse<Record<string, string>>(formatBench(comparison, 'csv'), {columns: true})
    const ratio = rows.find(
      (row) => row['table'] === 'ratio' && row['metric'] === 'peakBytes' && row['inputTokens'] === '2048',
    )
    expect(ratio).toMatchObject({
      row: 'made-up-enc-dec over made-up-dec-only',
      setting: 'cached',
      count: '6',
      publishedFrom: '0.84',
      publishedTo: '0.89',
    })
    expect(Number(ratio?.['value'])).toBeCloseTo(1.32048 / 1.54096, 12)
    expect(rows.every((row) => row['value'] !== '' || row['why'] !== '')).toBe(true)
  })

  it('says in the notes why there is no ratio, and that nothing across runs is compared', () => {
    const alone = (model: string): BenchRecord[] => {
      const record = modelRecord(model)
      return [MACHINE, record, sampleRecord(record)]
    }
    const {ratios, notes} = compareBenches([
      benchReading('a', alone('enc-dec')),
      benchReading('b', alone('dec-only')),
    ])
    expect(ratios).toEqual([])
    expect(notes).toContainEqual(expect.stringContaining('name both there'))
  })

  it('keeps names from outside from becoming markup', async () => {
    const hostile = '<script>alert(1)</script>\u001b[31m'
    const models = [modelRecord(`enc-dec ${hostile}`), modelRecord(`dec-only ${hostile}`)]
    const records = models.flatMap((model) =>
      [128, 512].map((inputTokens) => sampleRecord(model, {inputTokens})),
    )
    const made = compareBenches([benchReading('made-up', [MACHINE, ...models, ...records])])
    const drawn = await drawFigures(made.figures)
    const page = formatBench(made, 'html', drawn)
    expect(drawn).toHaveLength(1)
    expect(page).not.toContain('<script>')
    expect(page).not.toContain('\u001b')
    expect(page).toContain('<svg')
  })
})

describe('the published measurements', () => {
  it('are what the records beside them say', async () => {
    const published = new URL('../../results/published/efficiency-330m/', import.meta.url)
    const records = fileURLToPath(new URL('records/', published))
    const readings = await readBenches(readdirSync(records).map((name) => join(records, name)))
    expect(formatBench(compareBenches(readings), 'csv')).toBe(
      readFileSync(new URL('bench.csv', published), 'utf8'),
    )
  })
})

describe('Figure 1', () => {
  const figure = comparison.figures.find(({id}) => id === 'figure-1')

  it('has every median, and the paper’s points in the panel of the smallest batch alone', () => {
    const measured = figure?.data.filter(({setting}) => !String(setting).startsWith('published')) ?? []
    const published = figure?.data.filter(({setting}) => String(setting).startsWith('published')) ?? []
    expect(measured).toHaveLength(2 * 2 * 2 * 4)
    expect(published).toHaveLength(10)
    expect(new Set(published.map(({panel}) => panel))).toEqual(new Set(['fp32, batch 1, 5 new tokens']))
  })

  it('is drawn with its labels, and the same twice', async () => {
    const [first] = await drawFigures(comparison.figures)
    const [second] = await drawFigures(comparison.figures)
    expect(first?.svg).toBe(second?.svg)
    for (const label of ['input tokens', 'seconds from prompt to last token', 'made-up-enc-dec', '8,192'])
      expect(first?.svg).toContain(label)
  })

  it('is not drawn of one length', () => {
    const model = modelRecord('enc-dec')
    expect(compareBenches([benchReading('one', [MACHINE, model, sampleRecord(model)])]).figures).toEqual([])
  })
})

describe('quality beside speed', () => {
  const folder = temporaryFolder()
  const values = (mean: number): number[] => Array.from({length: 20}, (_, index) => mean + (index % 5) / 50)
  const run = (
    model: string,
    architecture: 'enc-dec' | 'dec-only',
    mean: number,
    parameters: number,
  ): string =>
    writeRun(`${folder}/${model}`, {
      model,
      architecture,
      card: {parameters, training: 'seq2seq'},
      tasks: {'xsum-mini': values(mean)},
    })
  const folders = [
    run('made-up-enc-dec', 'enc-dec', 0.3, 330e6),
    run('made-up-dec-only', 'dec-only', 0.2, 330e6),
    run('larger-enc-dec', 'enc-dec', 0.4, 1e9),
  ]

  it('joins an evaluation and a benchmark by model', async () => {
    const {figures, notes} = compareBenches([reading], await readRuns(folders))
    expect(figures.map(({id}) => id)).toEqual(['figure-1', 'quality-latency', 'quality-memory', 'figure-2'])
    const latency = figures[1]?.data ?? []
    expect(latency.map(({model, quality}) => [model, quality])).toEqual([
      ['made-up-enc-dec', expect.closeTo(0.34, 9)],
      ['made-up-dec-only', expect.closeTo(0.24, 9)],
    ])
    // Prompts of three tokens are nearest to the shortest input that was measured.
    expect(latency.map(({panel}) => panel)).toEqual(Array(2).fill('xsum-mini, 128 + 5 tokens, batch 1'))
    expect(notes).toContain(
      'larger-enc-dec fp32 is not in the figures, bench-made-up did not measure it (xsum-mini)',
    )
  })

  it('draws quality against parameters where an architecture has two sizes', async () => {
    const {figures} = compareBenches([reading], await readRuns(folders))
    expect(figures.at(-1)?.data.map(({series, millions}) => [series, millions])).toEqual([
      ['enc-dec, seq2seq, fp32', 330],
      ['dec-only, seq2seq, fp32', 330],
      ['enc-dec, seq2seq, fp32', 1000],
    ])
    const one = compareBenches([reading], await readRuns(folders.slice(0, 2)))
    expect(one.figures.map(({id}) => id)).not.toContain('figure-2')
    expect(one.notes).toContain(
      'No figure of quality against parameters: it needs two sizes of one architecture',
    )
  })
})

/** Samples, costs and what is missing in the opposite order; machine and models first, as they must be. */
function reordered(records: readonly BenchRecord[]): BenchRecord[] {
  const models = records.filter(({kind}) => kind === 'machine' || kind === 'model')
  return [...models, ...records.filter((record) => !models.includes(record)).reverse()]
}
