import {dirname, join} from 'node:path'
import {fileURLToPath} from 'node:url'
import {captureOutput} from '@oclif/test'
import {afterEach, expect, it, vi} from 'vitest'
import Save from '../../src/commands/baseline/save.ts'
import Eval from '../../src/commands/eval.ts'
import Gate from '../../src/commands/gate.ts'
import Merge from '../../src/commands/merge.ts'
import {bytesOf, grown, shortTask, slm} from './slm-process.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const MODEL = ['--model', 'demo-dec-only', '--batch-size', '1', '--quiet']

afterEach(() => {
  process.exitCode = undefined
  vi.unstubAllEnvs()
})

async function run(
  command: typeof Eval | typeof Gate | typeof Merge | typeof Save,
  ...args: readonly string[]
) {
  process.exitCode = undefined
  const {stdout, stderr} = await captureOutput(() => command.run([...args], root))
  return {stdout, stderr, code: process.exitCode ?? 0}
}

function stubEnvs(env: Readonly<Record<string, string>>): void {
  for (const [name, value] of Object.entries(env)) vi.stubEnv(name, value)
}

it('shards of a Slurm array, one of them stopped by Ctrl-C and repeated, merge into a whole run and gate as one', async () => {
  const {task, out} = await shortTask(64)
  const folders = [10, 20].map((id) => `${out}-${id}`)
  for (const [index, folder] of folders.entries()) {
    stubEnvs({
      SLURM_ARRAY_TASK_ID: String(10 * (index + 1)),
      SLURM_ARRAY_TASK_MIN: '10',
      SLURM_ARRAY_TASK_STEP: '10',
      SLURM_ARRAY_TASK_COUNT: '2',
    })
    const args = [...MODEL, '--task', task, '--shard', 'auto', '--out', folder]
    if (index === 0) {
      const stopped = slm(['eval', ...args])
      await grown(join(folder, 'samples.jsonl'), 0, stopped)
      stopped.child.kill('SIGINT')
      const {code, stderr} = await stopped.ended
      expect(code).toBe(130)
      expect(stderr).toContain('--shard auto')
    }
    expect((await run(Eval, ...args)).code).toBe(0)
  }
  const [whole, merged] = [`${out}-whole`, `${out}-merged`]
  await run(Eval, ...MODEL, '--task', task, '--out', whole)
  expect((await run(Merge, ...folders, '--out', merged)).code).toBe(0)
  expect(await bytesOf(merged)).toEqual(await bytesOf(whole))

  const baseline = join(dirname(out), 'baseline.json')
  expect((await run(Save, whole, '--out', baseline)).code).toBe(0)
  const gated = await run(Gate, merged, '--baseline', baseline, '--max-changed', '0')
  expect(gated).toMatchObject({code: 0, stderr: ''})
  expect(gated.stdout).toMatch(/changed answers +0 of 64 +passed/)

  const partial = `${out}-partial`
  await run(Merge, folders[1]!, '--out', partial, '--allow-partial')
  const open = await run(Gate, partial, '--baseline', baseline)
  expect(open.code).toBe(3)
  expect(open.stdout).toContain('it was merged without shard 1')
})

it('an indexed job of Kubernetes without its count is refused before anything runs', async () => {
  const {task, out} = await shortTask(4)
  stubEnvs({JOB_COMPLETION_INDEX: '1'})
  const refused = await run(Eval, ...MODEL, '--task', task, '--shard', 'auto', '--out', out)
  expect(refused).toMatchObject({code: 2, stdout: ''})
  expect(refused.stderr).toBe(
    'slm: --shard auto: SLM_SHARD_COUNT is not set\n  Set it to the completions of the job.\n',
  )
})
