import {mkdirSync, readdirSync, readFileSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {fileURLToPath} from 'node:url'
import {captureOutput} from '@oclif/test'
import {afterEach, describe, expect, it} from 'vitest'
import Compare from '../../src/commands/compare.ts'
import Report from '../../src/commands/report.ts'
import {madeUpRun, writeBenchFolder} from '../report/bench-records.ts'
import {temporaryFolder, writeRun} from '../report/run-folder.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const folder = temporaryFolder()
const BENCH = writeBenchFolder(join(folder, 'bench-made-up'), madeUpRun())
const RUNS = (['enc-dec', 'dec-only'] as const).map((architecture) =>
  writeRun(join(folder, architecture), {
    model: `made-up-${architecture}`,
    architecture,
    tasks: {'xsum-mini': [0.1, 0.2, 0.3]},
  }),
)

afterEach(() => {
  process.exitCode = undefined
})

const compare = (...flags: readonly string[]) => captureOutput<unknown>(() => Compare.run([...flags], root))
const snapshot = (format: string): string =>
  readFileSync(new URL(`../report/snapshots/bench-${format}.snap`, import.meta.url), 'utf8')

const FIGURES = ['figure-1.csv', 'figure-1.svg']
const PAGES = ['bench.csv', 'bench.html', 'bench.json', 'bench.md', 'bench.tex', 'bench.txt']

describe('slm compare --bench', () => {
  it.each(['terminal', 'csv', 'markdown', 'latex', 'json'])(
    'prints the measurements as %s on stdout and nothing else',
    async (format) => {
      const {stdout, stderr} = await compare('--bench', BENCH, '--format', format)
      expect(stdout).toBe(snapshot(format))
      expect(stderr).toBe('')
    },
  )

  it('prints a page that holds its figures', async () => {
    const {stdout} = await compare('--bench', BENCH, '--format', 'html')
    expect(stdout).toMatch(/^<!doctype html>/)
    expect(stdout.match(/<svg /g)).toHaveLength(1)
  })

  it('returns the comparison under --json', async () => {
    expect(JSON.parse((await compare('--bench', BENCH, '--json')).stdout)).toEqual(
      JSON.parse(snapshot('json')),
    )
  })

  it('writes a folder with all formats and figures, with quality where runs are named', async () => {
    const out = join(folder, 'out')
    await compare('--bench', BENCH, '--runs', ...RUNS, '--out', out, '--quiet')
    expect(readdirSync(out).sort()).toEqual(
      [
        ...PAGES,
        ...FIGURES,
        'quality-latency.csv',
        'quality-latency.svg',
        'quality-memory.csv',
        'quality-memory.svg',
      ].sort(),
    )
    expect(readFileSync(join(out, 'bench.md'), 'utf8')).toContain('](quality-latency.svg)')
    expect(readFileSync(join(out, 'figure-1.svg'), 'utf8')).toMatch(/^<svg /)
  })

  it('writes one file in the format of its ending, its figures beside it', async () => {
    const out = join(folder, 'one', 'speed.tex')
    await compare('--bench', BENCH, '--out', out, '--quiet')
    expect(readdirSync(join(folder, 'one')).sort()).toEqual([...FIGURES, 'speed.tex'])
    expect(readFileSync(out, 'utf8')).toContain('\\includegraphics[width=\\linewidth]{figure-1.pdf}')
  })

  it('refuses a folder without measurements, and a line that is none, with its place', async () => {
    const {stderr} = await compare('--bench', RUNS[0]!)
    expect(stderr).toContain('holds no measurements: it has no bench.jsonl')
    expect(process.exitCode).toBe(2)
    const damaged = join(folder, 'damaged')
    mkdirSync(damaged)
    writeFileSync(join(damaged, 'bench.jsonl'), '{"kind":"sample","firstTokenMs":-1}\n')
    expect((await compare('--bench', damaged)).stderr).toContain('bench.jsonl:1: ')
  })

  it('is what --runs names where a folder of measurements is taken for a run', async () => {
    const {stderr} = await compare('--runs', RUNS[0]!, BENCH)
    expect(stderr).toContain(`slm: ${BENCH} holds measurements of slm bench, no answers\n  Compare it with`)
    expect(process.exitCode).toBe(2)
  })
})

describe('slm report', () => {
  const report = (...folders: readonly string[]) =>
    captureOutput<{files: readonly string[]}>(() => Report.run([...folders], root))

  it('writes both tables and all figures from runs and benchmarks named together', async () => {
    const out = join(folder, 'report')
    const {result} = await report(BENCH, ...RUNS, '--out', out)
    const written = readdirSync(out).sort()
    expect(written).toEqual(result?.files.map((file) => file.slice(out.length + 1)).sort())
    for (const file of ['index.html', 'table.csv', ...PAGES, ...FIGURES, 'quality-memory.svg'])
      expect(written).toContain(file)
  })

  it('writes no table of scores where only a benchmark is named', async () => {
    const out = join(folder, 'speed')
    await report(BENCH, '--out', out)
    expect(readdirSync(out).sort()).toEqual([...PAGES, ...FIGURES].sort())
  })

  it('draws quality against parameters from runs of two sizes', async () => {
    const sizes = [330e6, 1e9].map((parameters) =>
      writeRun(join(folder, `size-${parameters}`), {
        model: `size-${parameters}`,
        card: {parameters, training: 'seq2seq'},
        tasks: {'xsum-mini': [0.1, 0.2, 0.3]},
      }),
    )
    const out = join(folder, 'sizes')
    await report(...sizes, '--out', out)
    expect(readdirSync(out)).toContain('figure-2.svg')
    expect(readFileSync(join(out, 'figure-2.csv'), 'utf8')).toMatch(
      /^task,model,series,millions,quality,low,high\nxsum-mini,size-330000000,"enc-dec, seq2seq, fp32",330,/,
    )
  })
})
