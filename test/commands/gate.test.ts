import {mkdirSync, readFileSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {fileURLToPath} from 'node:url'
import {captureOutput} from '@oclif/test'
import {afterEach, describe, expect, it, vi} from 'vitest'
import Save from '../../src/commands/baseline/save.ts'
import Show from '../../src/commands/baseline/show.ts'
import Update from '../../src/commands/baseline/update.ts'
import Gate from '../../src/commands/gate.ts'
import {type SampleDraft, temporaryFolder, writeRun} from '../gate/gate-runs.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))

afterEach(() => {
  process.exitCode = undefined
  vi.unstubAllEnvs()
})

async function run(
  command: typeof Gate | typeof Save | typeof Show | typeof Update,
  ...args: readonly string[]
) {
  process.exitCode = undefined
  const {stdout, stderr, error} = await captureOutput(() => command.run([...args], root))
  return {stdout, stderr, error, code: process.exitCode ?? 0}
}

const scores = (count: number, score: number): SampleDraft[] =>
  Array.from({length: count}, (_, at) => ({score: score + 0.1 * Math.sin(at), answer: `answer ${score}`}))
const runOf = (score: number, count = 30): string => writeRun({tasks: {xsum: scores(count, score)}})

describe('slm gate', () => {
  it('ends with 0 when passed, 1 at a regression, 2 at a mistake and 3 where it cannot tell', async () => {
    const base = runOf(0.5)
    expect(await run(Gate, runOf(0.5), '--baseline', base)).toMatchObject({code: 0, stderr: ''})
    expect((await run(Gate, runOf(0.3), '--baseline', base)).code).toBe(1)
    expect((await run(Gate, runOf(0.3), '--baseline', base, '--max-drop', '0.3')).code).toBe(0)
    expect((await run(Gate, runOf(0.3), '--baseline', base, '--max-drop', '50%')).code).toBe(0)
    const wrong = await run(Gate, runOf(0.3), '--baseline', base, '--max-drop', 'much')
    expect(wrong).toMatchObject({code: 2, stdout: ''})
    expect(wrong.stderr).toBe(
      'slm: --max-drop must be a number from 0 in the units of the metric, or a share of the baseline such as 1%, got much\n',
    )
    expect((await run(Gate, runOf(0.3, 2), '--baseline', runOf(0.5, 2))).code).toBe(3)
    const none = await run(Gate, '/nowhere', '--baseline', base)
    expect(none.code).toBe(2)
    expect(none.stderr).toMatch(
      /^slm: \/nowhere is neither a run folder nor a baseline file\n {2}Run folders are/,
    )
  })

  it('does not end like a regression when slm itself fails', async () => {
    class Broken extends Gate {
      override async run(): Promise<never> {
        throw new TypeError('a defect')
      }
    }
    const {error} = await run(Broken)
    expect(error).toMatchObject({oclif: {exit: 70}})
  })

  it('shows what it quotes of a hostile run as plain text on one line', async () => {
    const hostile = runOf(0.5)
    const file = join(hostile, 'samples.jsonl')
    const line = readFileSync(file, 'utf8').replace(
      '"rougeL":0.5',
      '"\\u001b[2J\\n::error::x":"y","rougeL":0.5',
    )
    writeFileSync(file, line)
    const {code, stderr} = await run(Gate, hostile, '--baseline', runOf(0.5))
    expect(code).toBe(2)
    expect(stderr).toContain(`slm: ${file}:1: is not a sample record: scores.\\u{1b}[2J\\u{a}::error::x: `)
    expect(stderr).not.toContain('\u001b')
    expect(stderr.trimEnd().split('\n').length).toBe(2)
  })

  it('prints unrounded values as JSON and nothing else on stdout', async () => {
    const {stdout, code} = await run(Gate, runOf(0.3), '--baseline', runOf(0.5), '--json')
    const result = JSON.parse(stdout)
    expect(code).toBe(1)
    expect(result).toMatchObject({verdict: 'regression', flips: {xsum: {worse: 30, better: 0}}})
    const metric = result.checks.find(({kind}: {kind: string}) => kind === 'metric')
    expect(metric.run - metric.baseline).toBe(metric.difference.value)
    expect(metric.difference.value).toBeCloseTo(-0.2, 12)
  })

  it('writes Markdown and JUnit, and says which file it cannot write', async () => {
    const folder = temporaryFolder()
    const [markdown, junit] = [join(folder, 'gate.md'), join(folder, 'gate.xml')]
    const args = [runOf(0.3), '--baseline', runOf(0.5)]
    await run(Gate, ...args, '--markdown', markdown, '--junit', junit)
    expect(readFileSync(markdown, 'utf8')).toMatch(/^# Gate regression: /)
    expect(readFileSync(junit, 'utf8')).toMatch(/<testsuite name="xsum" .* failures="1" errors="0"/)
    const bad = await run(Gate, ...args, '--junit', join(folder, 'no', 'gate.xml'))
    expect(bad.code).toBe(2)
    expect(bad.stderr).toMatch(/^slm: --junit .*gate\.xml cannot be written\n/)
  })

  it('annotates and appends a summary under GitHub Actions, and only there', async () => {
    const summary = join(temporaryFolder(), 'summary.md')
    writeFileSync(summary, 'before\n')
    vi.stubEnv('GITHUB_ACTIONS', 'true')
    vi.stubEnv('GITHUB_STEP_SUMMARY', summary)
    const args = [runOf(0.3), '--baseline', runOf(0.5)]
    const {stdout, stderr} = await run(Gate, ...args)
    expect(stdout).not.toContain('::')
    expect(stderr).toMatch(/^::error title=slm gate regression%3A xsum rougeL::-0\.2 \[.*\n$/)
    expect(readFileSync(summary, 'utf8')).toMatch(/^before\n# Gate regression: /)
    expect((await run(Gate, ...args, '--no-github')).stderr).toBe('')
  })

  it('takes limits from a policy, names the line of a mistake in it, and lets flags win', async () => {
    const policy = join(temporaryFolder(), 'policy.yaml')
    writeFileSync(policy, 'maxDrop: 0.3\ntasks:\n  xsum:\n    maxChanged: 100%\n')
    const args = [runOf(0.3), '--baseline', runOf(0.5), '--policy', policy]
    expect((await run(Gate, ...args)).code).toBe(0)
    expect((await run(Gate, ...args, '--max-drop', '0.1')).code).toBe(1)
    writeFileSync(policy, 'maxDrop: 0.3\ntasks:\n  xsum:\n    maxDorp: 1\n')
    const wrong = await run(Gate, ...args)
    expect(wrong.code).toBe(2)
    expect(wrong.stderr).toContain(`slm: ${policy}:4: unknown key maxDorp`)
  })

  it.each(['mlperf', 'quantized', 'same-answers'])('accepts the shipped policy %s', async (name) => {
    const metrics = ['exact', 'f1', 'bleu', 'rougeL']
    const sample = {answer: 'a b', references: ['a b'], score: 1}
    const folder = writeRun({metrics, tasks: {squad: [sample, sample], codex: [sample, sample]}})
    const {code} = await run(
      Gate,
      folder,
      '--baseline',
      folder,
      '--policy',
      join(root, `configs/gate/${name}.yaml`),
    )
    expect(code).toBe(0)
  })
})

describe('slm baseline', () => {
  it('saves, shows, gates and updates a file', async () => {
    const file = join(temporaryFolder(), 'baseline.json')
    const base = runOf(0.5)
    const saved = await run(Save, base, '--out', file)
    expect(saved).toMatchObject({code: 0, stderr: ''})
    expect(saved.stdout).toMatch(/rougeL +0\.5042 +30/)
    expect((await run(Save, base, '--out', file)).stderr).toContain(
      `slm: ${file} exists\n  slm baseline update`,
    )
    expect((await run(Show, file)).stdout).toMatch(/rougeL +0\.5042 +30/)
    expect(JSON.parse((await run(Show, file, '--json')).stdout)).toMatchObject({
      tasks: [{name: 'xsum', samples: 30}],
    })
    expect((await run(Gate, runOf(0.3), '--baseline', file)).code).toBe(1)
    const updated = await run(Update, file, '--run', runOf(0.3))
    expect(updated.stdout).toMatch(/updated\n {2}xsum rougeL: 0\.5042 -> 0\.3042\n/)
    expect((await run(Gate, runOf(0.3), '--baseline', file)).code).toBe(0)
    expect((await run(Update, file, '--run', runOf(0.3))).stdout).toContain('nothing moves')
  })

  it('says in one line what is wrong with a file', async () => {
    const folder = temporaryFolder()
    const file = join(folder, 'cut.json')
    writeFileSync(file, '{"slmBaseline":1,')
    for (const result of [await run(Show, file), await run(Gate, runOf(0.5), '--baseline', file)]) {
      expect(result).toMatchObject({code: 2, stdout: ''})
      expect(result.stderr).toBe(
        `slm: ${file}: it is not JSON, or was cut\n  Save it again with slm baseline save RUN --out FILE, or restore it from git.\n`,
      )
    }
    mkdirSync(join(folder, 'empty'))
    expect((await run(Show, join(folder, 'empty'))).stderr).toMatch(/^slm: .*is no file\n/)
    expect((await run(Show, join(folder, 'none'))).stderr).toMatch(/^slm: .*does not exist\n/)
  })
})
