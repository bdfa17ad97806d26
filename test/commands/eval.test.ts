import {writeFile} from 'node:fs/promises'
import {dirname, join} from 'node:path'
import {setTimeout} from 'node:timers/promises'
import {fileURLToPath} from 'node:url'
import {captureOutput} from '@oclif/test'
import {afterEach, describe, expect, it} from 'vitest'
import Eval from '../../src/commands/eval.ts'
import Merge from '../../src/commands/merge.ts'
import {bytesOf, grown, shortTask, slm} from './slm-process.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const MODEL = ['--model', 'demo-dec-only', '--batch-size', '1']

afterEach(() => {
  process.exitCode = undefined
})

/** The command in this process, and the exit code that it sets. */
async function run(command: typeof Eval | typeof Merge, ...args: readonly string[]) {
  process.exitCode = undefined
  const {stdout, stderr, error} = await captureOutput(() => command.run([...args], root))
  return {stdout, stderr, error, code: process.exitCode ?? 0}
}

describe('slm eval, as a process', () => {
  it('ends in the bytes of an undisturbed run after kill -9, Ctrl-C and the command that it prints', async () => {
    const {task, out} = await shortTask(96)
    const whole = join(dirname(out), 'whole')
    await run(Eval, ...MODEL, '--task', task, '--out', whole, '--quiet')

    const args = ['eval', ...MODEL, '--task', task, '--out', out]
    const samples = join(out, 'samples.jsonl')
    const killed = slm(args)
    const size = await grown(samples, 0, killed)
    await setTimeout(Math.random() * 40)
    killed.child.kill('SIGKILL')
    await killed.ended

    const stopped = slm(args)
    await grown(samples, size, stopped)
    stopped.child.kill('SIGINT')
    const {code, stderr} = await stopped.ended
    expect(code).toBe(130)
    expect(stderr).toContain('going on after')
    expect(stderr).toMatch(
      /slm: interrupted after \d+ of 96 samples, all of them kept\n {2}go on with: node bin\/dev\.js eval /,
    )

    const command = /go on with: node bin\/dev\.js (.*)\n/.exec(stderr)?.[1] ?? ''
    expect(await slm(command.split(' ')).ended).toMatchObject({code: 0})
    expect(await bytesOf(out)).toEqual(await bytesOf(whole))
  })

  it('gives up its group on a second Ctrl-C, and keeps a second writer out until then', async () => {
    const {task, out} = await shortTask(64)
    const settings = ['--batch-size', '64', '--max-new-tokens', '2000', '--task', task, '--out', out]
    const args = ['--model', 'demo-dec-only', ...settings]
    const running = slm(['eval', ...args])
    await grown(join(out, 'manifest.json'), 0, running)
    const second = await run(Eval, ...args)
    expect(second.code).toBe(2)
    expect(second.stderr).toContain(`slm: ${out} is being written by process ${running.child.pid}`)
    running.child.kill('SIGINT')
    await setTimeout(300)
    running.child.kill('SIGINT')
    const {code, stderr} = await running.ended
    expect(code).toBe(130)
    expect(stderr).toContain('finishing this group of samples; Ctrl-C again stops at once')
    expect(stderr).toMatch(
      /slm: interrupted after 0 of 64 samples, all of them kept\n {2}go on with: node bin\/dev\.js eval/,
    )
  })
})

describe('slm eval', () => {
  it('ends with exit code 1 when more samples failed than allowed, and prints the summary as JSON', async () => {
    const {task, out} = await shortTask(5)
    await writeFile(join(dirname(task), 'rows.jsonl'), '{"id":"a","text":"b","answer":"c"}\n{"id":"b"}\n')
    const args = [...MODEL, '--task', task, '--out', out, '--json']
    const {code, stdout, stderr} = await run(Eval, ...args)
    expect(code).toBe(1)
    expect(stderr).toContain(
      'slm: short: 1 of 2 samples failed, allowed share 0; --max-failed-share allows more',
    )
    expect(JSON.parse(stdout)).toMatchObject({
      folder: out,
      tasks: [{task: 'short', planned: 2, scored: 1, failed: {data: 1}}],
    })
    expect(await run(Eval, ...args, '--max-failed-share', '0.5')).toMatchObject({code: 0})
    const other = await run(Eval, ...args, '--max-new-tokens', '3')
    expect(other.code).toBe(2)
    expect(other.stderr).toContain(
      `slm: ${out} holds another run (tasks.0.generation.max_new_tokens: 3, there 12)`,
    )
  })

  it('says what is missing and what there is', async () => {
    const task = await run(Eval, '--model', 'demo-dec-only')
    expect(task).toMatchObject({code: 2, stdout: ''})
    expect(task.stderr).toMatch(/^slm: --task is missing\n {2}Tasks: .*squad.*\n$/)
    const model = await run(Eval, '--task', 'squad')
    expect(model.stderr).toMatch(/^slm: --model is missing\n {2}Give a folder, .*demo-dec-only.*\n$/)
  })

  it('shows the plan and where each setting came from without running', async () => {
    const {task, out} = await shortTask(9)
    const yaml = join(dirname(task), 'run.yaml')
    await writeFile(yaml, `model: demo-dec-only\ntasks: [${task}]\nlimit: 9\nbatchSize: 2\n`)
    const {code, stdout} = await run(
      Eval,
      '--config',
      yaml,
      '--out',
      out,
      '--limit',
      '7',
      '--dry-run',
      '--json',
    )
    expect(code).toBe(0)
    expect(JSON.parse(stdout)).toMatchObject({
      folder: out,
      state: 'new',
      batchSize: 2,
      groupRows: 16,
      tasks: [{task: 'short', samples: 7, unusable: 0, groups: 1}],
      settings: {
        limit: {value: 7, from: '--limit'},
        batchSize: {value: 2, from: `${yaml}:4`},
        seed: {value: 0, from: 'default'},
      },
    })
  })
})

describe('slm merge', () => {
  it('joins shards into the bytes of a whole run', async () => {
    const {task, out} = await shortTask(20)
    const folders = [1, 2].map((index) => `${out}-${index}`)
    await run(Eval, ...MODEL, '--task', task, '--out', out)
    for (const [index, folder] of folders.entries())
      await run(Eval, ...MODEL, '--task', task, '--shard', `${index + 1}/2`, '--out', folder)
    const {code, stdout} = await run(Merge, ...folders, '--out', `${out}-merged`)
    expect(code).toBe(0)
    expect(stdout).toMatch(/rougeL +\d\.\d{4} +\[\d\.\d{4}, \d\.\d{4}\] +20/)
    expect(await bytesOf(`${out}-merged`)).toEqual(await bytesOf(out))
    const partial = await run(Merge, folders[1] ?? '', '--out', `${out}-partial`)
    expect(partial).toMatchObject({code: 2, stdout: ''})
    expect(partial.stderr).toContain('slm: shard 1/2 is missing')
  })
})
