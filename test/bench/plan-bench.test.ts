import {describe, expect, it, vi} from 'vitest'
import {unequalParts} from '../../src/bench/fairness.ts'
import {measureSample} from '../../src/bench/measure-sample.ts'
import {planBench, remainingJobs, whyNot} from '../../src/bench/plan-bench.ts'
import {type BenchConfig, benchConfigSchema} from '../../src/config/bench-config.ts'
import {CELL, fakeSubject, TOOLS} from './fake-subject.ts'

// Starts processes, which takes long where others use the machine.
vi.setConfig({testTimeout: 300_000})

const config = (keys: object): BenchConfig => benchConfigSchema.parse({model: 'a,b', ...keys})
const SUBJECTS = [fakeSubject('a', {architecture: 'enc-dec'}), fakeSubject('b')]

describe('the order of a benchmark', () => {
  const plan = planBench(config({inputLengths: '8,16', batchSizes: [2], repeats: 2}), SUBJECTS, {})

  it('takes the models in turn, repeat by repeat, cell by cell', () => {
    const order = remainingJobs(plan, SUBJECTS, []).map(
      ({cell, repeat, subject}) => `${cell.inputTokens} ${repeat} ${subject.label}`,
    )
    expect(order).toEqual(['8 0 a', '8 0 b', '8 1 a', '8 1 b', '16 0 a', '16 0 b', '16 1 a', '16 1 b'])
  })

  it('leaves out what was measured, and tries again what failed', async () => {
    const jobs = remainingJobs(plan, SUBJECTS, [])
    const done = await measureSample({...jobs[1]!, start: 1}, TOOLS)
    const failing = {...jobs[2]!, subject: {...jobs[2]!.subject, ...fakeFailure()}, start: 1}
    const failed = await measureSample(failing, TOOLS)
    expect(failed[0]?.status).toBe('failed')
    expect(remainingJobs(plan, SUBJECTS, [...done, ...failed])).toEqual(jobs.toSpliced(1, 1))
    const warmUp = done.filter(({isWarmUp}) => isWarmUp)
    expect(warmUp).toHaveLength(1)
    expect(remainingJobs(plan, SUBJECTS, warmUp)).toEqual(jobs)
  })
})

function fakeFailure() {
  const {script, request} = fakeSubject('a', {fails: 'open'})
  return {script, request}
}

describe('a cell that cannot be measured', () => {
  it('says that a decoder-only model needs room for what it writes', () => {
    const [pair, single] = SUBJECTS
    expect(whyNot(single!, {...CELL, inputTokens: 996})).toBe(
      "it needs 1001 tokens, the model's context holds 1000",
    )
    expect(whyNot(pair!, {...CELL, inputTokens: 1000})).toBeUndefined()
    expect(whyNot(pair!, {...CELL, inputTokens: 1001})).toMatch(/needs 1001 tokens/)
  })

  it('says that a peer keeps its own cache, and that a short prompt has no prefix', () => {
    const peer = {...SUBJECTS[1]!, program: 'transformers.js'}
    expect(whyNot(peer, {...CELL, setting: 'no-cache'})).toBe(
      'transformers.js is measured with its own cache only',
    )
    expect(whyNot(SUBJECTS[1]!, {...CELL, setting: 'prefix-cache'})).toBe(
      'beside its fresh tokens a prompt of 40 has a prefix of 0, and below 32 tokens none is reused',
    )
  })
})

describe('what is not equal', () => {
  it('is nothing up to 1% of the parameters', () => {
    expect(unequalParts([fakeSubject('a', {}, 100_000), fakeSubject('b', {}, 101_000)])).toEqual([])
  })

  it('is no dtype in which all models are measured', () => {
    const inQ4 = (label: string) => {
      const subject = fakeSubject(label)
      const facts = {...subject.description.facts, dtype: 'q4' as const}
      return {...subject, description: {...subject.description, facts}}
    }
    const all = [fakeSubject('a'), fakeSubject('b'), inQ4('a'), inQ4('b')]
    expect(unequalParts(all)).toEqual([])
    expect(unequalParts(all.slice(1))).toEqual(['dtype differs: b fp32, a q4, b q4'])
  })

  it('is said with its values', () => {
    const other = fakeSubject('b', {}, 1020)
    const facts = {...other.description.facts, dtype: 'q4'}
    const lines = unequalParts([fakeSubject('a'), {...other, description: {...other.description, facts}}])
    expect(lines).toEqual([
      'parameters differ by 2.0%, more than 1%: a 1,000, b 1,020',
      'dtype differs: a fp32, b q4',
    ])
  })
})
