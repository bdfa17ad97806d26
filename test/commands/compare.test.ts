import {existsSync, readdirSync, readFileSync} from 'node:fs'
import {join} from 'node:path'
import {fileURLToPath} from 'node:url'
import {captureOutput} from '@oclif/test'
import {afterEach, describe, expect, it} from 'vitest'
import Compare from '../../src/commands/compare.ts'
import Report from '../../src/commands/report.ts'
import {temporaryFolder, writeRun} from '../report/run-folder.ts'
import {shortTask, slm} from './slm-process.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const runs = fileURLToPath(new URL('../fixtures/runs/', import.meta.url))
const RUNS = ['--runs', join(runs, 'small-enc-dec'), join(runs, 'small-dec-only')]

afterEach(() => {
  process.exitCode = undefined
})

const compare = (...flags: readonly string[]) => captureOutput<unknown>(() => Compare.run([...flags], root))
const snapshot = (file: string): string =>
  readFileSync(new URL(`../report/snapshots/${file}.snap`, import.meta.url), 'utf8')

describe('slm compare --runs', () => {
  it.each([
    ['terminal', 'measured-table.txt'],
    ['csv', 'measured-table.csv'],
    ['markdown', 'measured-table.md'],
    ['latex', 'measured-table.tex'],
    ['html', 'measured-index.html'],
    ['json', 'measured-table.json'],
  ])('prints the table as %s on stdout and nothing else', async (format, file) => {
    const {stdout, stderr} = await compare(...RUNS, '--format', format)
    expect(stdout).toBe(snapshot(file))
    expect(stderr).toBe('')
  })

  it('prints the same with the published rows', async () => {
    expect((await compare(...RUNS, '--published')).stdout).toBe(snapshot('published-table.txt'))
  })

  it('returns the comparison under --json', async () => {
    expect(JSON.parse((await compare(...RUNS, '--json')).stdout)).toEqual(
      JSON.parse(snapshot('measured-table.json')),
    )
  })

  it('keeps the tasks, models and architectures that were asked for', async () => {
    const {stdout} = await compare(...RUNS, '--tasks', 'xsum-mini', '--archs', 'enc-dec', '--format', 'csv')
    expect(stdout).toContain('small-enc-dec,xsum-mini')
    expect(stdout).not.toMatch(/squad-mini,rougeL|small-dec-only/)
    expect((await compare(...RUNS, '--models', 'small-dec-only')).stdout).not.toContain('small-enc-dec')
  })

  it('also writes a file in the format of its ending, or a folder with all formats', async () => {
    const folder = temporaryFolder()
    await compare(...RUNS, '--out', join(folder, 'a', 'table.tex'), '--quiet')
    expect(readFileSync(join(folder, 'a', 'table.tex'), 'utf8')).toBe(snapshot('measured-table.tex'))
    const {stderr} = await compare(...RUNS, '--out', join(folder, 'all'))
    expect(readdirSync(join(folder, 'all')).sort()).toEqual([
      'index.html',
      'table.csv',
      'table.json',
      'table.md',
      'table.tex',
      'table.txt',
    ])
    expect(stderr).toContain(`wrote ${join(folder, 'all', 'index.html')}\n`)
  })

  it.each([
    [['--archs', 'encoder'], 'slm: --archs must be enc-dec or dec-only'],
    [['--format', 'pdf'], 'slm: --format must be one of terminal, csv'],
    [
      ['--tasks', 'squda'],
      'slm: none of 8 task runs is of the models, tasks and architectures asked for\n  There are: codex-mini of',
    ],
    [
      ['--runs', '/nowhere'],
      'slm: /nowhere is not a run folder: it has no manifest.json\n  Run folders are written by slm eval',
    ],
  ])('ends with exit code 2 and two lines for %j', async (flags, message) => {
    const {stderr, stdout} = await compare(...RUNS, ...flags)
    expect(process.exitCode).toBe(2)
    expect(stderr).toContain(message)
    expect(stdout).toBe('')
  })

  it('refuses rows that do not compare, and marks them when told to', async () => {
    const folder = temporaryFolder()
    const other = writeRun(join(folder, 'other'), {
      model: 'other',
      tasks: {'xsum-mini': [0.5]},
      task: {limit: 1},
    })
    const refused = await compare(...RUNS, other)
    expect(process.exitCode).toBe(2)
    expect(refused.stderr).toContain('slm: xsum-mini of other is not comparable with the other rows: ')
    expect(refused.stderr).toContain('--allow-mixed')
    expect((await compare(...RUNS, other, '--allow-mixed')).stdout).toContain('0.50/not judged*')
  })
})

describe('slm compare', () => {
  it('runs what is missing, reads the rest, and sets an unusable model down with its reason', async () => {
    const {task} = await shortTask(3)
    const results = join(temporaryFolder(), 'results')
    const broken = temporaryFolder()
    const args = ['--models', `demo-enc-dec,demo-dec-only,${broken}`, '--tasks', task, '--results', results]
    const first = await compare(...args)
    expect(process.exitCode).toBe(1)
    expect(first.stderr).toContain(`slm: ${broken} is left out: `)
    expect(first.stderr).toMatch(/short 3\/3/)
    expect(first.stdout).toMatch(/demo-dec-only \(untrained\) +\d\.\d\d\/\d\.\d\d/)
    expect(first.stdout).toMatch(/failed, [\s\S]*tokenizer\.json\s+is\s+missing/)
    expect(readdirSync(results)).toHaveLength(2)

    const again = await compare(...args)
    expect(again.stdout).toBe(first.stdout)
    expect(again.stderr).not.toContain('short 3/3')
  })

  it('leaves RG open under --no-judge', async () => {
    const {task} = await shortTask(2)
    const results = join(temporaryFolder(), 'results')
    const args = ['--models', 'demo-enc-dec', '--archs', 'enc-dec', '--tasks', task, '--results', results]
    const {stdout} = await compare(...args, '--no-judge')
    expect(stdout).toMatch(/demo-enc-dec \(untrained\).*\d\.\d\d\/not judged/)
  })

  it('stops before any model where a task cannot be read', async () => {
    const results = join(temporaryFolder(), 'results')
    const {stderr} = await compare(
      '--models',
      'demo-enc-dec',
      '--tasks',
      'no-such-task',
      '--results',
      results,
    )
    expect(process.exitCode).toBe(2)
    expect(stderr).toContain('no-such-task')
    expect(existsSync(results)).toBe(false)
  })

  it('refuses a model of an architecture that was not asked for', async () => {
    const {stderr} = await compare('--archs', 'enc-dec', '--models', 'demo-dec-only')
    expect(process.exitCode).toBe(2)
    expect(stderr).toContain('slm: demo-dec-only is dec-only, and --archs names enc-dec\n')
  })

  it('reads its settings from a file, flags winning', async () => {
    const {stdout} = await compare(
      '--config',
      join(root, 'configs/table1.yaml'),
      ...RUNS,
      '--tasks',
      'xsum-mini',
    )
    expect(stdout).toContain('RL/RG as published')
    expect(stdout).toContain('xsum-mini')
  })

  it('ends as a process with the exit code of its result', async () => {
    const {code, stdout, stderr} = await slm(['compare', ...RUNS]).ended
    expect({code, stderr}).toEqual({code: 0, stderr: ''})
    expect(stdout).toBe(snapshot('measured-table.txt'))
  })
})

describe('slm report', () => {
  const report = (...flags: readonly string[]) => captureOutput<unknown>(() => Report.run([...flags], root))

  it('writes the tables of runs in all formats, and a page to open', async () => {
    const out = join(temporaryFolder(), 'tables')
    const {stdout} = await report(join(runs, 'small-enc-dec'), join(runs, 'small-dec-only'), '--out', out)
    expect(stdout.split('\n')).toContain(join(out, 'index.html'))
    for (const file of ['table.txt', 'table.csv', 'table.md', 'table.tex', 'table.json'])
      expect(readFileSync(join(out, file), 'utf8')).toBe(snapshot(`measured-${file}`))
    expect(readFileSync(join(out, 'index.html'), 'utf8')).toBe(snapshot('measured-index.html'))
  })

  it('wants a run', async () => {
    const {stderr} = await report('--out', temporaryFolder())
    expect(process.exitCode).toBe(2)
    expect(stderr).toContain('slm: no run folder is named\n')
  })
})
