import {mkdtemp, readFile, stat} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {fileURLToPath} from 'node:url'
import {captureOutput} from '@oclif/test'
import {afterEach, describe, expect, it} from 'vitest'
import Bench from '../../src/commands/bench.ts'
import {benchRecordSchema} from '../../src/store/bench-record.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))

afterEach(() => {
  process.exitCode = undefined
})

async function run(...args: readonly string[]) {
  process.exitCode = undefined
  const {stdout, stderr} = await captureOutput(() => Bench.run([...args], root))
  return {stdout, stderr, code: process.exitCode ?? 0}
}

describe('slm bench', () => {
  it('measures a real model in processes of its own, without a cache too', async () => {
    const out = await mkdtemp(join(tmpdir(), 'slm-bench-'))
    const sweep = ['--input-lengths', '20', '--output-length', '4', '--batch-sizes', '2', '--no-cache']
    const few = ['--repeats', '1', '--warm-up', '0', '--threads', '1']
    const {stdout, code} = await run('--model', 'demo-enc-dec', ...sweep, ...few, '--out', out)
    expect(code).toBe(0)
    expect(stdout).toContain('20 tokens in, 4 out, batch 2, cached')
    expect(stdout).toContain('20 tokens in, 4 out, batch 2, no-cache')
    expect(stdout).toContain('demo-enc-dec: enc-dec, fp32, 160,082 parameters')
    const lines = (await readFile(join(out, 'bench.jsonl'), 'utf8')).trimEnd().split('\n')
    const records = lines.map((line) => benchRecordSchema.parse(JSON.parse(line)))
    expect(records.map(({kind}) => kind)).toEqual(['machine', 'model', 'cost', 'cost', 'sample', 'sample'])
    for (const record of records) {
      if (record.kind !== 'sample' || record.status === 'failed') continue
      expect(record.tokenMs).toHaveLength(3)
      const sum = record.tokenMs.reduce((total, ms) => total + ms, record.firstTokenMs)
      expect(sum).toBeCloseTo(record.endToEndMs, 6)
    }
  }, 300_000)

  it('measures transformers.js on the same files in turn', async () => {
    const out = await mkdtemp(join(tmpdir(), 'slm-bench-'))
    const sweep = ['--input-lengths', '20', '--output-length', '4', '--batch-sizes', '2', '--repeats', '1']
    const peer = ['--against', 'transformers.js', '--warm-up', '0', '--threads', '1']
    const {stdout, code} = await run('--model', 'demo-dec-only', ...sweep, ...peer, '--out', out, '--json')
    expect(code).toBe(0)
    const {cells, unequal} = JSON.parse(stdout)
    expect(unequal).toEqual([
      'program differs: demo-dec-only slm, demo-dec-only (transformers.js) transformers.js',
    ])
    expect(cells).toMatchObject(
      ['demo-dec-only', 'demo-dec-only (transformers.js)'].map((model) => ({
        model,
        batch: 2,
        failed: 0,
        values: {timePerOutputTokenMs: {kind: 'estimate', estimate: {count: 1}}},
      })),
    )
  }, 300_000)

  it('shows the plan, its time and its folder with --dry-run, and makes nothing', async () => {
    const out = join(await mkdtemp(join(tmpdir(), 'slm-bench-')), 'not-made')
    const sweep = ['--input-lengths', '20,40', '--output-length', '4', '--prefix-cache', '--repeats', '3']
    const models = ['--model', 'demo-enc-dec', '--model', 'demo-dec-only', '--threads', '1']
    const {stdout, code} = await run(...models, ...sweep, '--out', out, '--dry-run')
    expect(code).toBe(0)
    expect(stdout).toMatch(
      /^12 processes, each with 1 warm-up and one counted generation; time about \d+:\d\d/,
    )
    expect(stdout).toMatch(/not measured: demo-enc-dec, 20 tokens, batch 1, prefix-cache/)
    expect(stdout).toContain(out)
    await expect(stat(out)).rejects.toMatchObject({code: 'ENOENT'})
  }, 300_000)

  it.each([
    [[], '--model is missing'],
    [['--model', 'a', '--input-lengths', '128,x'], '--input-lengths must be one or more input lengths'],
    [['--model', 'a', '--batch-sizes', '0'], '--batch-sizes must be one or more batch sizes'],
    [['--model', 'a', '--dtype', 'q5'], '--dtype must be one or more of fp32, fp16'],
    [['--model', 'a', '--against', 'vllm'], '--against must be transformers.js or node-llama-cpp'],
    [['--model', 'a', '--repeats', 'many'], '--repeats must be a positive integer'],
    [['--model', 'no-such-model'], 'no folder, shipped checkpoint or hub id "no-such-model"'],
  ])('refuses %j in one line', async (args, line) => {
    const {stderr, code} = await run(...args)
    expect(code).toBe(2)
    expect(stderr).toContain(`slm: ${line}`)
  })
})
