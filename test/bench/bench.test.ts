import {appendFile, mkdtemp, readFile} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {describe, expect, it, vi} from 'vitest'
import {type BenchOptions, previewBench, runBench} from '../../src/bench/bench.ts'
import {type BenchConfig, benchConfigSchema} from '../../src/config/bench-config.ts'
import type {BenchRecord} from '../../src/store/bench-record.ts'
import {FAKE_PROCESS} from './fake-subject.ts'

// Starts processes, which takes long where others use the machine.
vi.setConfig({testTimeout: 300_000})

const FAST = JSON.stringify({prefillMs: 100, stepMs: 10, architecture: 'enc-dec'})
const SLOW = JSON.stringify({prefillMs: 300, stepMs: 40})

function options(keys: Partial<BenchOptions> = {}): BenchOptions {
  return {
    resolve: async (name) => ({name, folder: '/nowhere'}),
    scripts: {slm: FAKE_PROCESS},
    energy: {missing: 'a test reads none'},
    sleep: async () => undefined,
    resultsDir: '/nowhere',
    versions: {all: {slm: '1'}, extensions: []},
    now: () => '2026-01-01T00:00:00.000Z',
    onNote: () => undefined,
    onEvent: () => undefined,
    ...keys,
  }
}

async function config(): Promise<BenchConfig> {
  const out = await mkdtemp(join(tmpdir(), 'slm-bench-'))
  const sweep = {inputLengths: [8], outputLength: 3, batchSizes: [1], repeats: 2, warmUp: 0}
  return benchConfigSchema.parse({model: [FAST, SLOW], ...sweep, out})
}

function samples(records: readonly BenchRecord[]) {
  return records.flatMap((record) =>
    record.kind === 'sample' && record.status === 'measured'
      ? [[record.architecture, record.repeat, record.firstTokenMs, record.start]]
      : [],
  )
}

describe('a benchmark', () => {
  it('measures models in turn and says first what they are and what the machine can do', async () => {
    const {records, folder} = await runBench(await config(), options())
    expect(records.map(({kind}) => kind)).toEqual([
      'machine',
      'model',
      'model',
      ...new Array(4).fill('sample'),
    ])
    expect(samples(records)).toEqual([
      ['enc-dec', 0, 100, 1],
      ['dec-only', 0, 300, 1],
      ['enc-dec', 1, 100, 1],
      ['dec-only', 1, 300, 1],
    ])
    const manifest = JSON.parse(await readFile(join(folder, 'manifest.json'), 'utf8'))
    expect(manifest).toMatchObject({format: 1, kind: 'bench', repeats: 2, threads: 2})
  })

  it('goes on where it was stopped, behind a line that was cut', async () => {
    const wanted = await config()
    const controller = new AbortController()
    const onEvent: BenchOptions['onEvent'] = (event) => {
      if (event.kind === 'sample' && event.done === 2) controller.abort()
    }
    const first = runBench(wanted, options({onEvent, signal: controller.signal}))
    await expect(first).rejects.toMatchObject({code: 'interrupted', exit: 130})
    await appendFile(join(wanted.out ?? '', 'bench.jsonl'), '{"kind":"sam')
    const {records} = await runBench(wanted, options())
    expect(samples(records)).toEqual([
      ['enc-dec', 0, 100, 1],
      ['dec-only', 0, 300, 1],
      ['enc-dec', 1, 100, 2],
      ['dec-only', 1, 300, 2],
    ])
    const again = await runBench(wanted, options())
    expect(again.records).toEqual(records)
    expect(again.unmeasured).toBe(0)
  })

  it('counts what failed and what was not tried after that', async () => {
    const wanted = {...(await config()), model: [FAST, JSON.stringify({fails: 'step'})]}
    const {records, unmeasured} = await runBench(wanted, options())
    expect(samples(records)).toHaveLength(2)
    expect(records.filter((record) => record.kind === 'sample' && record.status === 'failed')).toHaveLength(1)
    expect(unmeasured).toBe(2)
  })

  it('ends like any other run when its preview is stopped', async () => {
    const controller = new AbortController()
    const sleep = async (): Promise<void> => controller.abort()
    const preview = previewBench(await config(), options({sleep, signal: controller.signal}))
    await expect(preview).rejects.toMatchObject({
      code: 'interrupted',
      exit: 130,
      message: 'interrupted; nothing was measured',
    })
  })

  it('measures what more repeats add to a benchmark that is done', async () => {
    const wanted = await config()
    const first = await runBench({...wanted, repeats: 1}, options())
    const more = await runBench({...wanted, repeats: 2}, options())
    expect(more.folder).toBe(first.folder)
    expect(samples(first.records)).toHaveLength(2)
    expect(samples(more.records)).toHaveLength(4)
    expect(more.records.slice(0, first.records.length)).toEqual(first.records)
  })

  it('refuses a folder of another benchmark', async () => {
    const wanted = await config()
    await runBench(wanted, options())
    await expect(runBench({...wanted, outputLength: 4}, options())).rejects.toMatchObject({
      code: 'run-other-plan',
      message: expect.stringContaining('outputLength'),
    })
  })
})
