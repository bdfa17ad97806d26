import {readFileSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import fc from 'fast-check'
import {describe, expect, it} from 'vitest'
import {type GatePolicy, gatePolicySchema} from '../../src/config/gate-policy.ts'
import type {Check, MetricCheck} from '../../src/gate/checks.ts'
import {type GateResult, gate} from '../../src/gate/gate.ts'
import {readSide} from '../../src/gate/read-side.ts'
import {type RunDraft, type SampleDraft, writeRun} from './gate-runs.ts'

function policyOf(settings: object = {}): GatePolicy {
  return gatePolicySchema.parse(settings)
}

async function gated(
  run: RunDraft | string,
  baseline: RunDraft | string,
  settings: object = {},
  tasks?: readonly string[],
): Promise<GateResult> {
  const folderOf = (draft: RunDraft | string): string => (typeof draft === 'string' ? draft : writeRun(draft))
  const sides = [await readSide(folderOf(run)), await readSide(folderOf(baseline))] as const
  return gate(sides[0], sides[1], {policy: policyOf(settings), tasks})
}

function checkOf<Kind extends Check['kind']>(result: GateResult, kind: Kind): Extract<Check, {kind: Kind}> {
  return result.checks.find((check) => check.kind === kind) as Extract<Check, {kind: Kind}> // by its kind
}

function metricOf(result: GateResult, id = 'rougeL'): MetricCheck {
  return result.checks.find((check) => check.kind === 'metric' && check.metric === id) as MetricCheck // by its kind
}

/** `count` scores around 0.5, the same each time. */
function scores(count: number, shift: (index: number) => number = () => 0): number[] {
  return Array.from({length: count}, (_, index) => 0.5 + 0.3 * Math.sin(index) + shift(index))
}

const one = (samples: readonly SampleDraft[]): RunDraft => ({tasks: {xsum: samples}})

describe('the verdict', () => {
  it('passes a run against itself', async () => {
    const result = await gated(one(scores(50)), one(scores(50)))
    expect(result.verdict).toBe('passed')
    expect(metricOf(result)).toMatchObject({difference: {value: 0, low: 0, high: 0, count: 50}, p: 1})
    expect(checkOf(result, 'answers')).toMatchObject({changed: 0, paired: 50, verdict: 'not gated'})
  })

  it('calls a drop beyond the limit a regression when the whole interval lies beyond it', async () => {
    const result = await gated(one(scores(50, (index) => (index % 2 ? -0.1 : -0.06))), one(scores(50)))
    expect(result.verdict).toBe('regression')
    const {difference, p, maxDrop, why} = metricOf(result)
    expect(difference).toMatchObject({count: 50, value: expect.closeTo(-0.08, 10)})
    expect(p).toBeLessThan(0.001)
    expect(maxDrop).toBe(0.01)
    expect(why).toBe('-0.08 [-0.0856, -0.0744] lies beyond a drop of 0.01 (p < 0.0001)')
  })

  it('passes the same drop where it is allowed, and is inconclusive where the interval holds the limit', async () => {
    const run = one(scores(50, (index) => (index % 2 ? -0.1 : -0.06)))
    expect((await gated(run, one(scores(50)), {maxDrop: 0.09})).verdict).toBe('passed')
    const open = await gated(run, one(scores(50)), {maxDrop: 0.081})
    expect(open.verdict).toBe('inconclusive')
    expect(metricOf(open).why).toMatch(
      /^-0\.08 \[-0\.0856, -0\.0744\] reaches beyond a drop of 0\.081; about \d+ samples like these would decide$/,
    )
  })

  it('compares unrounded values: a drop that prints alike on both sides still counts', async () => {
    const tiny = 1e-9
    const result = await gated(one(scores(50, () => -3 * tiny)), one(scores(50)), {maxDrop: 2 * tiny})
    expect(result.verdict).toBe('regression')
    const equal = await gated(one(scores(50, () => -2 * tiny)), one(scores(50)), {maxDrop: 3 * tiny})
    expect(equal.verdict).toBe('passed')
  })

  it('keeps a limit that is met exactly', async () => {
    const result = await gated(one([0.6, 0.7, 0.8]), one([0.7, 0.8, 0.9]), {maxDrop: 0.1})
    expect(result.verdict).toBe('passed')
    const least = await gated(one([0.099, 0.198]), one([0.1, 0.2]), {atLeast: '99%'})
    expect(least.verdict).toBe('passed')
  })

  it('is inconclusive when three samples fell: their p value cannot be small', async () => {
    const result = await gated(one([0, 0, 0]), one([0.5, 0.5, 0.5]))
    expect(result.verdict).toBe('inconclusive')
    expect(metricOf(result).why).toMatch(/but p 0\.2\d+ is not below 0\.05: too few samples$/)
  })

  it('never calls an improvement a regression', async () => {
    const better = fc.array(fc.double({min: 0, max: 0.4, noNaN: true}), {minLength: 1, maxLength: 20})
    await fc.assert(
      fc.asyncProperty(better, async (gains) => {
        const base = gains.map(() => 0.5)
        const result = await gated(one(base.map((value, index) => value + gains[index]!)), one(base))
        expect(result.verdict).toBe('passed')
      }),
      {numRuns: 10},
    )
  })

  it('corrects p values for the number of metrics', async () => {
    const metrics = ['rougeL', 'rouge1', 'rouge2', 'rougeLsum']
    const shifted = (count: number): SampleDraft[] =>
      scores(12).map((score, index) => score - (index < count ? 0.1 : 0))
    const result = await gated({...one(shifted(9)), metrics}, {...one(scores(12)), metrics})
    const {p, adjustedP} = metricOf(result)
    expect(adjustedP).toBeCloseTo(4 * Number(p), 12)
  })
})

describe('limits', () => {
  it('holds to MLPerf’s 99% of the reference without an interval', async () => {
    const base = one(scores(40))
    const run = one(scores(40, (index) => (index === 7 ? -0.3 : 0)))
    const passed = await gated(run, base, {atLeast: '98%'})
    expect(passed.verdict).toBe('passed')
    const failed = await gated(run, base, {atLeast: '99%'})
    expect(failed.verdict).toBe('regression')
    expect(metricOf(failed)).toMatchObject({maxDrop: {missing: 'no such limit was given'}})
    expect(metricOf(failed).why).toMatch(
      /^0\.\d+, which is 98\.\d\d% of the baseline; less than the 0\.\d+ that was asked for$/,
    )
  })

  it('takes those of the metric before those of the task, and these before those of the whole', async () => {
    const both = {...one(scores(40, () => -0.05)), metrics: ['rougeL', 'rouge1']}
    const base = {...one(scores(40)), metrics: ['rougeL', 'rouge1']}
    const tasks = {xsum: {maxDrop: 0.02, metrics: {rougeL: {maxDrop: 0.1}, rouge1: {}}}}
    const result = await gated(both, base, {maxDrop: 0.2, tasks})
    expect(metricOf(result).verdict).toBe('passed')
    expect(metricOf(result, 'rouge1').verdict).toBe('regression')
  })

  it('takes a relative drop of the baseline’s value and an absolute one in the metric’s units', async () => {
    const metrics = ['exact']
    const samples = (right: number): SampleDraft[] =>
      Array.from({length: 200}, (_, at) => (at < right ? 100 : 0))
    const run = {...one(samples(90)), metrics}
    const base = {...one(samples(100)), metrics}
    const relative = await gated(run, base, {maxDrop: '20%'})
    expect(metricOf(relative, 'exact')).toMatchObject({baseline: 50, run: 45, maxDrop: 10, verdict: 'passed'})
    const standard = await gated(run, base)
    expect(metricOf(standard, 'exact')).toMatchObject({maxDrop: 1, verdict: 'regression'})
  })

  it('says so where a policy gates no metric of a task', async () => {
    const both = {tasks: {xsum: [1], squad: [1]}, metrics: ['rougeL']}
    const result = await gated(both, both, {tasks: {squad: {metrics: {}}}})
    expect(result.notes).toEqual(['no metric of squad is gated'])
  })

  it('gates the answers themselves, scores apart', async () => {
    const named = (answer: string): SampleDraft[] => [{score: 0, answer}, 0.5, 0.5]
    const result = await gated(one(named('a')), one(named('b')), {maxChanged: 0})
    expect(result.verdict).toBe('regression')
    expect(checkOf(result, 'answers').why).toBe('1 of 3 answers changed; a share of 0 may')
    expect((await gated(one(named('a')), one(named('b')), {maxChanged: '34%'})).verdict).toBe('passed')
  })

  it('refuses a limit for a task or a metric that nobody has', async () => {
    await expect(gated(one([1]), one([1]), {tasks: {xsun: {maxDrop: 1}}})).rejects.toMatchObject({
      code: 'gate-policy',
      message: 'the policy names the task xsun, which neither run nor baseline has',
      hint: 'There are: xsum.',
    })
    await expect(gated(one([1]), one([1]), {metrics: 'rouge1'})).rejects.toThrow(
      'the policy names the metric rouge1',
    )
    await expect(gated(one([1]), one([1]), {}, ['squad'])).rejects.toThrow('has no task squad')
  })
})

describe('what is missing', () => {
  it('is a regression: a task, a metric, a sample, a failed sample', async () => {
    const base = {tasks: {xsum: scores(8), squad: scores(8)}, metrics: ['rougeL', 'rouge1']}
    const task = await gated({...base, tasks: {xsum: scores(8)}}, base)
    expect(task.verdict).toBe('regression')
    expect(checkOf(task, 'task')).toMatchObject({task: 'squad', why: 'the run does not have this task'})
    const metric = await gated({...base, metrics: ['rougeL']}, base)
    expect(metricOf(metric, 'rouge1')).toMatchObject({
      verdict: 'regression',
      difference: {missing: 'the run does not have this metric'},
    })
    const sample = await gated(one(scores(7)), one(scores(8)))
    expect(sample.verdict).toBe('regression')
    expect(checkOf(sample, 'samples')).toMatchObject({paired: 7, missing: ['xsum-7'], failed: []})
    const failed = await gated(one([...scores(7), 'failed']), one(scores(8)))
    expect(failed.verdict).toBe('regression')
    expect(checkOf(failed, 'samples').why).toBe('7 samples pair; 1 failed that were scored before (xsum-7)')
    const score = await gated(one([...scores(7), {scores: {}}]), one(scores(8)))
    expect(metricOf(score)).toMatchObject({
      verdict: 'regression',
      why: '1 samples have no value of this metric that had one before',
    })
  })

  it('is no regression where the baseline failed or did not have it', async () => {
    const result = await gated(
      {tasks: {xsum: scores(9), squad: scores(3)}, metrics: ['rougeL', 'rouge1']},
      one([...scores(7), 'failed']),
    )
    expect(result.verdict).toBe('passed')
    expect(checkOf(result, 'samples')).toMatchObject({paired: 7, missing: [], added: 1})
    expect(result.notes).toEqual([
      'xsum: rouge1 not in the baseline and not gated',
      'squad is not in the baseline and was not gated',
    ])
  })

  it('is inconclusive in an unfinished run and in a partial merge, on either side', async () => {
    const unfinished = await gated({...one(scores(7)), isFinished: false}, one(scores(8)))
    expect(unfinished.verdict).toBe('inconclusive')
    expect(checkOf(unfinished, 'samples').verdict).toBe('inconclusive')
    expect(unfinished.unfinished[0]).toMatch(/it stopped after 7 samples; repeat its command to go on$/)
    const merged = await gated(one(scores(8)), {...one(scores(8)), manifest: {missingShards: [2, 3]}})
    expect(merged.verdict).toBe('inconclusive')
    expect(merged.unfinished[0]).toMatch(/it was merged without shards 2, 3$/)
  })

  it('is inconclusive when no sample pairs', async () => {
    const result = await gated(one([{id: 'other', score: 1}]), one(['failed']))
    expect(result.verdict).toBe('inconclusive')
  })
})

describe('runs under other conditions', () => {
  const base = one(scores(5))

  it.each([
    [
      'data',
      {data: {source: 'x', split: 'test', digest: 'f'.repeat(64)}},
      /^run and baseline differ: xsum: data ffffffffffff, in the baseline/,
    ],
    ['prompt', {promptDigest: 'e'.repeat(64)}, /xsum: prompt eeeeeeeeeeee/],
    ['task', {version: 2}, /xsum: task version 2, in the baseline 1/],
    ['decoding', {generation: {max_new_tokens: 9}}, /xsum: max_new_tokens 9, in the baseline 8/],
    ['metric', {metrics: [{id: 'rougeL', version: 2}]}, /xsum: rougeL version 2, in the baseline 1/],
  ])('are refused by name: %s', async (kind, task, message) => {
    const run = {...base, task}
    await expect(gated(run, base)).rejects.toMatchObject({
      code: 'gate-not-comparable',
      message: expect.stringMatching(message),
    })
    const allowed = await gated(run, base, {allowDifferent: [...new Set([kind, 'decoding'])]})
    expect(allowed.verdict).toBe('passed')
    expect(allowed.differences).toContainEqual(expect.objectContaining({task: 'xsum', kind}))
  })

  it('pair what they share when other data were asked for', async () => {
    const result = await gated({...one(scores(3)), task: {limit: 3}}, base, {allowDifferent: 'data'})
    expect(result.verdict).toBe('passed')
    expect(checkOf(result, 'samples').why).toBe(
      '3 samples pair; 2 of the baseline are missing (xsum-3, xsum-4)',
    )
  })

  it('may have another model, tokenizer, dtype and program: that is what a gate is for, and it says so', async () => {
    const versions = {slm: '0.2.0', onnxruntime: '1.31.0', transformers: '4.3.1'}
    const model = {name: 'new', architecture: 'enc-dec', dtype: 'q8', digest: 'a'.repeat(64)} as const
    const {verdict, changes} = await gated({...base, manifest: {versions, model}}, base)
    expect(verdict).toBe('passed')
    expect(changes).toEqual([
      'dtype: fp32 -> q8',
      expect.stringMatching(/^model files: [0-9a-f]{12} -> aaaaaaaaaaaa$/),
      'slm version: 0.1.0 -> 0.2.0',
      'onnxruntime version: 1.30.0 -> 1.31.0',
    ])
  })
})

describe('flips', () => {
  it('stand worst first with their texts, and are counted beyond the list', async () => {
    const old = [0.5, 0.9, 0.5, 0.5].map((score, at) => ({
      score,
      answer: `old ${at}`,
      references: ['r', 's'],
    }))
    const now = [0.4, 0.1, 0.7, 0.5].map((score, at) => ({
      score,
      answer: `new ${at}`,
      references: ['r', 's'],
    }))
    const {flips} = await gated(one(now), one(old), {flips: 2})
    expect(flips['xsum']).toEqual({
      metric: 'rougeL',
      worse: 2,
      better: 1,
      same: 1,
      listed: [
        {
          id: 'xsum-1',
          baseline: {score: 0.9, answer: 'old 1'},
          run: {score: 0.1, answer: 'new 1'},
          references: ['r', 's'],
        },
        {
          id: 'xsum-0',
          baseline: {score: 0.5, answer: 'old 0'},
          run: {score: 0.4, answer: 'new 0'},
          references: ['r', 's'],
        },
      ],
    })
  })
})

describe('times', () => {
  const machine = {platform: 'linux', cpu: 'one', processors: 4}
  const timed = (factor: number, of = machine): RunDraft => ({
    ...one(
      scores(20).map((score, at) => ({
        score,
        timing: {firstTokenMs: (5 + at) * factor, totalMs: (45 + at) * factor},
      })),
    ),
    manifest: {machine: of},
  })
  const ratios = (result: GateResult) => result.checks.filter((check) => check.kind === 'ratio')

  it('are compared as ratios on one machine', async () => {
    const result = await gated(timed(1.5), timed(1), {maxLatencyRatio: 1.4})
    expect(result.verdict).toBe('regression')
    const [first, next, memory] = ratios(result)
    expect(first).toMatchObject({
      measure: 'first token',
      verdict: 'regression',
      why: '1.500 [1.500, 1.500] of the baseline, beyond 1.4',
    })
    expect(next).toMatchObject({measure: 'next token', verdict: 'regression'})
    expect(memory).toMatchObject({
      verdict: 'not gated',
      ratio: {missing: 'the runs hold no measurement of memory'},
    })
    expect((await gated(timed(1.5), timed(1), {maxLatencyRatio: 1.6})).verdict).toBe('passed')
  })

  it('are not compared across machines or of merged shards, and a limit on them then stays open', async () => {
    const other = await gated(timed(9), timed(1, {...machine, cpu: 'two'}))
    expect(other.verdict).toBe('passed')
    expect(ratios(other)[0]).toMatchObject({ratio: {missing: 'the machines differ (cpu)'}})
    const asked = await gated(timed(9), timed(1, {...machine, cpu: 'two'}), {maxLatencyRatio: 2})
    expect(asked.verdict).toBe('inconclusive')
    const merged = {...timed(1), manifest: {machine: {shards: [machine, machine]}}}
    const shards = await gated(merged, merged)
    expect(JSON.stringify(ratios(shards)[0])).toContain(
      'was merged from shards, whose times are not of one machine',
    )
  })

  it('count memory where both runs hold it', async () => {
    const held = (peakBytes: number): RunDraft => ({
      ...one(scores(3)),
      manifest: {machine: {...machine, peakBytes}},
    })
    const result = await gated(held(300), held(200), {maxMemoryRatio: 1.4})
    expect(ratios(result).at(-1)).toMatchObject({ratio: {value: 1.5}, verdict: 'regression'})
  })
})

describe('reading', () => {
  it('refuses a shard, a folder that is none, and a folder whose records are damaged', async () => {
    const shard = writeRun({...one(scores(3)), manifest: {shard: {index: 1, count: 2}}})
    await expect(readSide(shard)).rejects.toMatchObject({code: 'run-is-shard'})
    await expect(readSide('/nowhere')).rejects.toMatchObject({code: 'run-missing'})
    const twice = writeRun(
      one([
        {id: 'a', score: 1},
        {id: 'a', score: 1},
      ]),
    )
    await expect(readSide(twice)).rejects.toThrow('two of its records have the same id')
    const damaged = writeRun(one(scores(3)))
    const file = join(damaged, 'samples.jsonl')
    writeFileSync(file, readFileSync(file, 'utf8').replace('"status":"scored"', '"status":"other"'))
    await expect(readSide(damaged)).rejects.toMatchObject({code: 'run-damaged'})
    const deep = writeRun(one(scores(3)))
    const manifest = join(deep, 'manifest.json')
    const nest = `"cpu": ${'['.repeat(200_000)}${']'.repeat(200_000)}, "x":`
    writeFileSync(manifest, readFileSync(manifest, 'utf8').replace('"cpu":', nest))
    await expect(readSide(deep)).rejects.toThrow(`${manifest}: is nested too deeply`)
  })

  it('refuses a baseline whose records are fewer than its summary counts', async () => {
    const base = writeRun(one(scores(4)))
    const counts = {total: 0, data: 0, prompt: 0, decode: 0, score: 0}
    const task = {
      task: 'xsum',
      planned: 5,
      scored: 5,
      failed: counts,
      metrics: {},
      truncated: {rows: 0, tokens: 0},
      finish: {'end-token': 5, 'stop-string': 0, length: 0},
      promptTokens: 0,
      newTokens: 0,
      notes: [],
    }
    writeFileSync(join(base, 'summary.json'), JSON.stringify({planDigest: 'x', tasks: [task], notes: []}))
    await expect(gated(one(scores(4)), base)).rejects.toThrow(
      'samples.jsonl holds 1 fewer samples than its summary',
    )
  })

  it('takes a last line that was cut off for a sample that is missing', async () => {
    const base = writeRun(one(scores(4)))
    const cut = writeRun(one(scores(4)))
    const file = join(cut, 'samples.jsonl')
    writeFileSync(file, readFileSync(file, 'utf8').slice(0, -20))
    const result = await gated(cut, base)
    expect(result.verdict).toBe('regression')
    expect(checkOf(result, 'samples')).toMatchObject({paired: 3, missing: ['xsum-3']})
  })
})
