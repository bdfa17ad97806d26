import {readFile} from 'node:fs/promises'
import {join} from 'node:path'
import {setTimeout} from 'node:timers/promises'
import {fileURLToPath} from 'node:url'
import {captureOutput} from '@oclif/test'
import {afterEach, describe, expect, it, vi} from 'vitest'
import Eval from '../../src/commands/eval.ts'
import Calibrate from '../../src/commands/judge/calibrate.ts'
import Injections from '../../src/commands/judge/injections.ts'
import Judge from '../../src/commands/judge.ts'
import TaskShow from '../../src/commands/task/show.ts'
import {type JudgeServer, type JudgeServerOptions, judgeServer} from '../judge/judge-server.ts'
import {judgementsOf, newFolder, runOf} from '../judge/judged-runs.ts'
import {slm} from './slm-process.ts'

const servers: JudgeServer[] = []
const server = async (options: JudgeServerOptions = {}): Promise<JudgeServer> => {
  const started = await judgeServer(options)
  servers.push(started)
  return started
}
afterEach(async () => {
  process.exitCode = undefined
  vi.unstubAllEnvs()
  for (const started of servers.splice(0)) await started.close()
})

const root = fileURLToPath(new URL('../..', import.meta.url))

const COMMANDS = {
  judge: (args: string[]) => Judge.run(args, root),
  eval: (args: string[]) => Eval.run(args, root),
  calibrate: (args: string[]) => Calibrate.run(args, root),
  injections: (args: string[]) => Injections.run(args, root),
  'task show': (args: string[]) => TaskShow.run(args, root),
}

/** A command in this process with the environment of a judge: a cache of its own, no key but the one given. */
async function run(
  command: keyof typeof COMMANDS,
  args: readonly string[],
  {cache = newFolder(), key = ''} = {},
) {
  process.exitCode = undefined
  vi.stubEnv('SLM_CACHE', cache)
  vi.stubEnv('SLM_JUDGE_KEY', key)
  vi.stubEnv('OPENAI_API_KEY', '')
  const {stdout, stderr} = await captureOutput(() => COMMANDS[command]([...args]))
  return {stdout, stderr, code: process.exitCode ?? 0}
}

const SAMPLES = Array.from({length: 8}, (_, at) => ({
  answer: `word${at}`,
  references: [`word${at % 2 === 0 ? at : 99}`],
}))

/** The words of `slm judge` with one request a sample. */
function rubricOf(folder: string, baseUrl: string, ...more: readonly string[]): string[] {
  return [folder, '--base-url', baseUrl, '--judge-model', 'judge', '--methods', 'rubric', ...more]
}

describe('slm judge', () => {
  it('prints score, interval, n of m and failures as 0, and writes the judgements', async () => {
    const {baseUrl} = await server()
    const folder = runOf(SAMPLES)
    const {stdout, code} = await run('judge', rubricOf(folder, baseUrl))
    expect(code).toBe(0)
    expect(stdout).toMatch(/squad, rubric +0\.5000 +\[0\.\d+, 0\.\d+\] +8 of 8 +0\.5000/)
    expect(stdout).toContain('mapped to 0..1; judge judge at')
    expect(await judgementsOf(folder)).toHaveLength(8)
  })

  it('tells what it would cost with --dry-run and asks nobody', async () => {
    const {baseUrl, requests} = await server()
    const args = [runOf(SAMPLES), '--base-url', baseUrl, '--judge-model', 'judge', '--dry-run', '--json']
    const prices = ['--price-in', '1', '--price-out', '2']
    const {stdout, code} = await run('judge', [...args, ...prices])
    expect(code).toBe(0)
    expect(JSON.parse(stdout)).toMatchObject({samples: 8, cached: 0, cost: expect.any(Number)})
    expect(requests).toHaveLength(0)
  })

  it('asks for no price with --dry-run where the judge is on this machine', async () => {
    const {stdout, code} = await run('judge', [runOf(SAMPLES), '--dry-run'])
    expect(code).toBe(0)
    // Where answer and reference are the same, one question says both; else each side has one.
    expect(stdout).toContain('8 samples: 12 questions to a judge on this machine, and 0 replies')
    expect(stdout).toContain('cost: none, nothing is sent to a server')
  })

  it('ends with 3 when the budget ends it, and says how to go on', async () => {
    const {baseUrl, requests} = await server()
    const args = rubricOf(runOf(SAMPLES), baseUrl, '--max-calls', '3')
    const {stdout, stderr, code} = await run('judge', args)
    expect(code).toBe(3)
    expect(requests).toHaveLength(3)
    expect(stdout).toContain('3 of 8')
    expect(stderr).toContain('judging stopped: the budget is used up; replies that were paid for are kept')
  })

  it('ends with 1 when samples could not be judged, unless that share is allowed', async () => {
    const {baseUrl} = await server({fault: (n) => (n === 2 ? 'refusal' : 'none')})
    const folder = runOf(SAMPLES)
    const cache = newFolder()
    const args = rubricOf(folder, baseUrl, '--reply-tries', '1')
    const {stderr, stdout, code} = await run('judge', args, {cache})
    expect(code).toBe(1)
    expect(stderr).toContain('1 of 8 samples could not be judged')
    expect(stdout).toContain('7 of 8')
    expect((await run('judge', [...args, '--max-failed-share', '0.2'], {cache})).code).toBe(0)
  })

  it('repeats no request whose reply had come when it is killed and started again', async () => {
    let isHanging = true
    const {baseUrl, requests} = await server({fault: (n) => (isHanging && n >= 5 ? 'hang' : 'none')})
    const folder = runOf(SAMPLES)
    const cache = newFolder()
    const args = rubricOf(folder, baseUrl, '--parallel', '1')
    const {child, ended} = slm(['judge', ...args], {SLM_CACHE: cache, SLM_JUDGE_KEY: '', OPENAI_API_KEY: ''})
    while (requests.length < 6) await setTimeout(5)
    child.kill('SIGKILL')
    await ended
    isHanging = false
    const {code} = await run('judge', args, {cache})
    expect(code).toBe(0)
    const answered = requests.filter(({isAnswered}) => isAnswered).map(({question}) => question)
    expect(answered).toHaveLength(8)
    expect(new Set(answered).size).toBe(8)
    expect(await judgementsOf(folder)).toHaveLength(8)
  })

  it('keeps the key out of output and files', async () => {
    const key = 'sk-live-0123456789abcdef'
    const {baseUrl, requests} = await server({fault: (n) => (n === 0 ? 500 : 'none')})
    const folder = runOf(SAMPLES.slice(0, 2))
    const args = rubricOf(folder, baseUrl, '--tries', '1')
    const {stdout, stderr} = await run('judge', [...args, '--parallel', '1'], {key})
    expect(requests[0]?.authorization).toBe(`Bearer ${key}`)
    const written = await readFile(join(folder, 'judgements.jsonl'), 'utf8')
    for (const text of [stdout, stderr, written]) expect(text).not.toContain(key)
    expect(written).toContain('[key]')
  })

  it('takes the embedded judge where none is named, and says which it was', async () => {
    const {stdout, stderr, code} = await run('judge', [runOf(SAMPLES)])
    expect(code, stderr).toBe(0)
    expect(stdout).toContain('judge-mini')
  })
})

it('slm eval judges its run by the judge that ships with the program where only --votes asks for one', async () => {
  const out = join(newFolder(), 'run')
  const model = ['--model', 'demo-dec-only', '--task', 'squad-mini', '--limit', '3', '--max-new-tokens', '4']
  const {stdout, stderr, code} = await run('eval', [...model, '--out', out, '--votes', '2', '--json'])
  expect(code, stderr).toBe(0)
  expect(JSON.parse(stdout)).toMatchObject({
    judged: {runs: [{card: {judge: {name: 'judge-mini'}, votes: 2}, tasks: [{judged: 3}]}]},
  })
})

it('slm eval --judge-model makes the run and judges it', async () => {
  const {baseUrl} = await server()
  const out = join(newFolder(), 'run')
  const model = ['--model', 'demo-dec-only', '--task', 'squad-mini', '--limit', '3', '--max-new-tokens', '4']
  const judge = ['--base-url', baseUrl, '--judge-model', 'judge', '--methods', 'rubric', '--json']
  const {stdout, code} = await run('eval', [...model, '--out', out, ...judge])
  expect(code).toBe(0)
  expect(JSON.parse(stdout)).toMatchObject({
    folder: out,
    judged: {runs: [{tasks: [{task: 'squad-mini', samples: 3, judged: 3}]}]},
  })
  expect(await judgementsOf(out)).toHaveLength(3)
})

it('slm task show --judge prints the very messages that are sent', async () => {
  const {baseUrl, requests} = await server()
  const {stdout} = await run('task show', [
    'squad-mini',
    '--n',
    '1',
    '--judge',
    'rubric',
    '--answer',
    'x',
    '--json',
  ])
  const {judge, prompts} = JSON.parse(stdout)
  const folder = runOf([{answer: 'x', references: prompts[0].references}], 'squad-mini')
  const {writeFileSync, readFileSync} = await import('node:fs')
  const file = join(folder, 'samples.jsonl')
  const record = JSON.parse(readFileSync(file, 'utf8'))
  writeFileSync(file, `${JSON.stringify({...record, prompt: prompts[0].prompt})}\n`)
  await run('judge', rubricOf(folder, baseUrl))
  expect(requests.map(({body}) => body['messages'])).toEqual([judge[0].questions[0].messages])
})

describe('slm judge calibrate and slm judge injections', () => {
  it('print kappa beside a constant predictor', async () => {
    const {writeFileSync} = await import('node:fs')
    const labels = join(newFolder(), 'labels.csv')
    writeFileSync(labels, 'label,judge\nyes,yes\nno,no\nyes,no\nno,no\nyes,yes\nyes,yes\n')
    const {stdout, code} = await run('calibrate', ['--labels', labels])
    expect(code).toBe(0)
    expect(stdout).toMatch(/Cohen’s kappa +0\.6667 +\[[-\d., ]+\] +0\.0000/)
    expect(stdout).toContain('always 1')
  })

  it('end with 130 on Ctrl-C and say how to go on', async () => {
    const labels = 'data/miniature/judge-mini/test.jsonl'
    const {child, ended} = slm(['judge', 'calibrate', '--labels', labels], {SLM_CACHE: newFolder()})
    await new Promise<void>((resolve) => {
      child.stderr.on('data', (text: string) => text.includes('judging 1500 samples') && resolve())
    })
    child.kill('SIGINT')
    const {code, stdout, stderr} = await ended
    expect(code, stderr).toBe(130)
    expect(stdout).toBe('')
    expect(stderr).toContain('judging stopped: interrupted; replies that were paid for are kept')
    expect(stderr).toContain(`judge calibrate --labels ${labels}`)
  })

  it('print the rate of changed verdicts', async () => {
    const {baseUrl} = await server()
    const {stdout, code} = await run('injections', ['--base-url', baseUrl, '--judge-model', 'judge'])
    expect(code).toBe(0)
    expect(stdout).toContain('verdicts changed: 0 of 126 (0.0%, 95% Wilson interval 0.0% to')
    expect(stdout).toContain('42 attacks in 9 languages')
  })
})
