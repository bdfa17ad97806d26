import {readdirSync, readFileSync} from 'node:fs'
import {join} from 'node:path'
import {fileURLToPath} from 'node:url'
import {describe, expect, it} from 'vitest'
import {parse} from 'yaml'
import Save from '../../src/commands/baseline/save.ts'
import Update from '../../src/commands/baseline/update.ts'
import Eval from '../../src/commands/eval.ts'
import Gate from '../../src/commands/gate.ts'
import Merge from '../../src/commands/merge.ts'
import {gatePolicySchema} from '../../src/config/gate-policy.ts'
import {readConfig} from '../../src/config/read-config.ts'
import {readBaseline} from '../../src/gate/baseline-file.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const folder = join(root, 'examples/ci')
const COMMANDS: Readonly<Record<string, {readonly flags: object}>> = {
  eval: Eval,
  gate: Gate,
  merge: Merge,
  'baseline save': Save,
  'baseline update': Update,
}

/** Each call of slm in a text, with the flags that it gives. */
function callsOf(text: string): {readonly command: string; readonly flags: readonly string[]}[] {
  const joined = text.replaceAll(/\\\n|\n\s+(?=--)/g, ' ')
  return [
    ...joined.matchAll(/\bslm (eval|gate|merge|baseline save|baseline update)\b([^\n]*?)(?=&&|#|\n|`|$)/g),
  ].map(([, command = '', rest = '']) => ({
    command,
    flags: [...rest.matchAll(/--([a-z-]+)/g)].map(([, flag = '']) => flag),
  }))
}

describe('the examples', () => {
  it.each(['README.md', 'github-workflow.yml', 'slurm.sh', 'kubernetes.yaml'])(
    '%s gives only flags that exist',
    (name) => {
      const calls = callsOf(readFileSync(join(folder, name), 'utf8'))
      expect(calls.length).toBeGreaterThan(0)
      for (const {command, flags} of calls)
        for (const flag of flags) expect(Object.keys(COMMANDS[command]!.flags)).toContain(flag)
    },
  )

  it('give their policy and baselines as the program reads them', async () => {
    const policy = await readConfig(gatePolicySchema, {file: join(folder, 'policy.yaml'), flags: {}})
    expect(policy.value.maxChanged).toBe(0.25)
    const files = readdirSync(folder).filter((name) => name.endsWith('.baseline.json'))
    expect(files.length).toBe(2)
    for (const file of files) expect((await readBaseline(join(folder, file))).tasks.length).toBe(2)
  })

  it('tell a Kubernetes pod as many shards as the job has completions', () => {
    const {spec} = parse(readFileSync(join(folder, 'kubernetes.yaml'), 'utf8'))
    const [container] = spec.template.spec.containers
    expect(container.env).toEqual([{name: 'SLM_SHARD_COUNT', value: String(spec.completions)}])
  })
})

describe('the GitHub Action', () => {
  const {inputs, runs} = parse(readFileSync(join(root, 'action.yml'), 'utf8'))
  const gate = runs.steps.at(-1)

  it('has an input for each flag that it passes on, and each is a flag of slm gate', () => {
    const names = Object.keys(gate.env).map((name) =>
      name.slice('SLM_'.length).toLowerCase().replaceAll('_', '-'),
    )
    expect(names.sort()).toEqual(
      Object.keys(inputs)
        .filter((name) => name !== 'node-version')
        .sort(),
    )
    const flags = Object.keys(Gate.flags)
    expect(names.filter((name) => name !== 'run' && !flags.includes(name))).toEqual([])
    const looped = /for name in ([A-Z_ ]+); do/.exec(gate.run)?.[1]?.split(' ')
    expect(looped?.map((name) => `SLM_${name}`).sort()).toEqual(
      Object.keys(gate.env)
        .filter((name) => name !== 'SLM_RUN' && name !== 'SLM_BASELINE')
        .sort(),
    )
  })

  it('puts no input into a script, where it could be code', () => {
    for (const {run} of runs.steps) expect(run ?? '').not.toContain('${{')
  })

  it('is given only inputs that it has by the example workflow', () => {
    const {jobs} = parse(readFileSync(join(folder, 'github-workflow.yml'), 'utf8'))
    const given = jobs.gate.steps.flatMap((step: {uses?: string; with?: object}) =>
      step.uses?.includes('/slm@') ? Object.keys(step.with ?? {}) : [],
    )
    expect(given.filter((name: string) => !(name in inputs))).toEqual([])
  })
})
