import {readFileSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {describe, expect, it} from 'vitest'
import {digestOf} from '../../src/config/canonical-json.ts'
import {gatePolicySchema} from '../../src/config/gate-policy.ts'
import {baselineDigest} from '../../src/gate/baseline-digest.ts'
import {readBaseline} from '../../src/gate/baseline-file.ts'
import {gate} from '../../src/gate/gate.ts'
import {readSide} from '../../src/gate/read-side.ts'
import {saveBaseline, updateBaseline} from '../../src/gate/save-baseline.ts'
import {METRIC_IDS, metricById} from '../../src/metrics/catalogue.ts'
import {isMean} from '../../src/metrics/mean-metric.ts'
import {type RunDraft, type SampleDraft, temporaryFolder, writeRun} from './gate-runs.ts'

const CODE = {
  answer: 'int x = 1 ;',
  references: ['int x = 2 ;'],
  scores: {bleu: 40, rougeL: 0.8},
} satisfies SampleDraft
const METRICS = ['rougeL', 'bleu', 'exact']
const DRAFT: RunDraft = {
  metrics: METRICS,
  tasks: {
    xsum: [{...CODE}, {...CODE, answer: ''}, 'failed', {score: 1 / 3, references: []}],
    squad: [0.5, 0.25],
  },
}

async function saved(draft: RunDraft = DRAFT, hasAnswers = false): Promise<string> {
  const file = join(temporaryFolder(), 'baseline.json')
  await saveBaseline(writeRun(draft), file, {hasAnswers})
  return file
}

function edited(file: string, edit: (text: string) => string): string {
  const other = join(temporaryFolder(), 'edited.json')
  writeFileSync(other, edit(readFileSync(file, 'utf8')))
  return other
}

/** Changes the content and mends the digest, as an attacker would. */
function forged(file: string, change: (content: Record<string, never>) => void): string {
  return edited(file, (text) => {
    const {digest: _, ...content} = JSON.parse(text)
    change(content as Record<string, never>)
    return JSON.stringify({...content, digest: baselineDigest(content)})
  })
}

describe('a baseline file', () => {
  it('is the same bytes for the same scores, whatever the machine, the path, the times and the order of the records', async () => {
    const other = {
      ...DRAFT,
      manifest: {machine: {cpu: 'another'}, model: {...MODEL, name: '/home/somebody/model'}},
    }
    const folder = writeRun(other)
    const lines = readFileSync(join(folder, 'samples.jsonl'), 'utf8').trimEnd().split('\n')
    const slower = [...lines.slice(0, 4).reverse(), ...lines.slice(4)].map((line) =>
      line.replace('"totalMs":30', '"totalMs":31'),
    )
    writeFileSync(join(folder, 'samples.jsonl'), `${slower.join('\n')}\n`)
    const file = join(temporaryFolder(), 'b.json')
    await saveBaseline(folder, file, {hasAnswers: false})
    expect(readFileSync(file, 'utf8')).toBe(readFileSync(await saved(), 'utf8'))
  })

  it('holds scores and digests, one line a sample, and neither times nor paths nor texts', async () => {
    const text = readFileSync(await saved(), 'utf8')
    expect(text).not.toMatch(/somewhere|timing|Ms"|say it|answer of|int x/)
    const rows = text.split('\n').filter((line) => line.startsWith('        {"id"'))
    expect(rows).toEqual([
      expect.stringMatching(
        /^ {8}\{"id":"xsum-0","answerDigest":"[0-9a-f]{12}","statistics":\[0\.8,\[[\d,]+\],\[\]\]\},$/,
      ),
      expect.stringContaining('"xsum-1"'),
      '        {"id":"xsum-2","failed":"decode"},',
      expect.stringContaining('"statistics":[0.3333333333333333,[],0.003333333333333333]'),
      expect.stringContaining('"squad-0"'),
      expect.stringContaining('"squad-1"'),
    ])
  })

  it('gates as its run does', async () => {
    const changed: RunDraft = {
      ...DRAFT,
      tasks: {...DRAFT.tasks, xsum: [{...CODE, answer: 'int y'}, {...CODE, answer: ''}, 'failed', 0.9]},
    }
    const policy = gatePolicySchema.parse({flips: 0})
    const run = await readSide(writeRun(changed))
    const withFile = await gate(run, await readSide(await saved()), {policy})
    const withRun = await gate(run, await readSide(writeRun(DRAFT)), {policy})
    const checks = (result: typeof withRun) => result.checks.filter(({kind}) => kind !== 'ratio')
    expect(checks(withFile)).toEqual(checks(withRun))
  })

  it('shows the old answers where they were kept, and says so where they were not', async () => {
    const policy = gatePolicySchema.parse({})
    const run = await readSide(
      writeRun({...DRAFT, tasks: {...DRAFT.tasks, squad: [0.5, {score: 0, answer: 'new'}]}}),
    )
    const kept = await gate(run, await readSide(await saved(DRAFT, true)), {policy})
    expect(kept.flips['squad']?.listed[0]?.baseline.answer).toBe('answer of 0.25')
    const bare = await gate(run, await readSide(await saved()), {policy})
    expect(bare.flips['squad']?.listed[0]?.baseline.answer).toEqual({
      missing: 'the baseline file keeps no answers (slm baseline save --answers does)',
    })
  })

  it('never replaces a file in passing, and none comes of an unfinished run or a shard', async () => {
    const file = await saved()
    await expect(saveBaseline(writeRun(DRAFT), file, {hasAnswers: false})).rejects.toMatchObject({
      code: 'baseline-exists',
    })
    const out = join(temporaryFolder(), 'b.json')
    await expect(
      saveBaseline(writeRun({...DRAFT, isFinished: false}), out, {hasAnswers: false}),
    ).rejects.toMatchObject({
      code: 'run-unfinished',
    })
    const shard = writeRun({...DRAFT, manifest: {shard: {index: 1, count: 2}}})
    await expect(saveBaseline(shard, out, {hasAnswers: false})).rejects.toMatchObject({code: 'run-is-shard'})
  })

  it('is updated by another run, which says what moves', async () => {
    const file = await saved()
    const same = await updateBaseline(file, writeRun(DRAFT), {mayDropTasks: false})
    expect(same.moves).toEqual([])
    const other = writeRun({...DRAFT, tasks: {...DRAFT.tasks, squad: [0.5, 0.75]}, task: {version: 2}})
    const {moves} = await updateBaseline(file, other, {mayDropTasks: false})
    expect(moves).toEqual([
      'xsum: task version 1 -> 2',
      'squad: task version 1 -> 2',
      'squad rougeL: 0.375 -> 0.625',
      'squad exact: 0.375 -> 0.625',
      'squad: 1 of 2 samples are new or other ones',
    ])
    const fewer = writeRun({...DRAFT, tasks: {squad: [0.5, 0.75]}})
    await expect(updateBaseline(file, fewer, {mayDropTasks: false})).rejects.toThrow('has no xsum')
    expect((await updateBaseline(file, fewer, {mayDropTasks: true})).moves[0]).toBe('xsum is forgotten')
  })
})

const MODEL = {name: './model', architecture: 'enc-dec', dtype: 'fp32', digest: digestOf('model')} as const

describe('a baseline from a stranger', () => {
  it('is refused in one line wherever it was cut', async () => {
    const file = await saved()
    const {length} = readFileSync(file, 'utf8')
    for (let end = 0; end < length - 2; end += 61) {
      const cut = edited(file, (text) => text.slice(0, end))
      await expect(readBaseline(cut)).rejects.toMatchObject({
        code: 'baseline-damaged',
        message: `${cut}: it is not JSON, or was cut`,
      })
    }
  })

  it('is refused when it was edited by hand or merged from two branches', async () => {
    const file = edited(await saved(), (text) => text.replace('[0.8,', '[0.1,'))
    await expect(readBaseline(file)).rejects.toThrow('its content does not fit its digest')
  })

  it.each([
    ['a number that is none', (text: string) => text.replace('[0.8,', '[1e999,'), /tasks\.0\.samples\.0/],
    ['another format', (text: string) => text.replace('"slmBaseline": 1', '"slmBaseline": 2'), /slmBaseline/],
    ['something else', () => '[]', /the file: Invalid input/],
    ['a deep nest', () => `${'['.repeat(200_000)}${']'.repeat(200_000)}`, /Invalid input|not JSON/],
    [
      'a key that would move the cursor',
      (text: string) => text.replace('"rougeL":', '"\\u001b[2J":{"missing":3},"x":'),
      /\\u\{1b\}/,
    ],
  ])('is refused with its place for %s', async (_, edit, message) => {
    const file = edited(await saved(), edit)
    await expect(readBaseline(file)).rejects.toMatchObject({
      code: 'baseline-damaged',
      message: expect.stringMatching(message),
    })
  })

  it.each([
    [
      'a sample twice',
      (row: {id: string}) => Object.assign(row, {id: 'xsum-1'}),
      'xsum, sample xsum-1 stands there twice',
    ],
    [
      'too few statistics',
      (row: object) => Object.assign(row, {statistics: [1]}),
      'xsum, sample xsum-0 has statistics of 1 metrics, not of 3',
    ],
    [
      'uneven statistics',
      (row: object) => Object.assign(row, {statistics: [[1, 2], [1], 1]}),
      'has another number of statistics',
    ],
  ])('is refused for %s under a right digest', async (_, change, message) => {
    const file = forged(await saved(), (content) => {
      const {tasks} = content as unknown as {tasks: {samples: {id: string}[]}[]} // what the file holds
      change(tasks[0]!.samples[0]!)
    })
    await expect(readBaseline(file)).rejects.toThrow(message)
  })

  it('cannot reach into objects by names of their prototypes', async () => {
    const metrics = ['__proto__', 'constructor', 'rougeL']
    const task = {metrics: metrics.map((id) => ({id, version: 1}))}
    const run = await readSide(writeRun({tasks: {constructor: [0.5], toString: [0.5]}, task}))
    const result = await gate(run, run, {policy: gatePolicySchema.parse({})})
    expect(result.checks.filter(({verdict}) => verdict === 'inconclusive').map(({why}) => why)).toEqual(
      new Array(4).fill('this version of slm has no such metric'),
    )
  })
})

it('knows which metrics are means', async () => {
  const metrics = await Promise.all(METRIC_IDS.map(metricById))
  expect(metrics.filter((metric) => !isMean(metric)).map(({id}) => id)).toEqual([
    'bleu',
    'codeBleu',
    'codeBleu-java',
  ])
})
