import {describe, expect, it} from 'vitest'
import {githubEnvironment, shardFromEnvironment} from '../../src/cli/ci-environment.ts'

describe('the shard of a Slurm array', () => {
  const array = (id: number, min: number, count: number, step?: number) => ({
    SLURM_ARRAY_TASK_ID: String(id),
    SLURM_ARRAY_TASK_MIN: String(min),
    SLURM_ARRAY_TASK_COUNT: String(count),
    ...(step === undefined ? {} : {SLURM_ARRAY_TASK_STEP: String(step)}),
  })

  it('counts from 1, wherever the array starts and however it steps', () => {
    expect([0, 1, 2, 3].map((id) => shardFromEnvironment(array(id, 0, 4)))).toEqual([
      '1/4',
      '2/4',
      '3/4',
      '4/4',
    ])
    expect([1, 2].map((id) => shardFromEnvironment(array(id, 1, 2)))).toEqual(['1/2', '2/2'])
    expect([10, 15, 20].map((id) => shardFromEnvironment(array(id, 10, 3, 5)))).toEqual(['1/3', '2/3', '3/3'])
  })

  it('is refused where indexes are not evenly spaced or not there', () => {
    expect(() => shardFromEnvironment(array(7, 1, 3))).toThrow('place 7 of 3 in the Slurm array is no shard')
    expect(() => shardFromEnvironment({SLURM_ARRAY_TASK_ID: '1', SLURM_ARRAY_TASK_MIN: '0'})).toThrow(
      'SLURM_ARRAY_TASK_COUNT is not set',
    )
    expect(() => shardFromEnvironment({...array(1, 0, 4), SLURM_ARRAY_TASK_ID: '-1'})).toThrow(
      'SLURM_ARRAY_TASK_ID must be a whole number from 0, got "-1"',
    )
  })
})

describe('the shard of a Kubernetes indexed job', () => {
  it('is its completion index of the count that the pod is told', () => {
    const pod = (index: string) => ({JOB_COMPLETION_INDEX: index, SLM_SHARD_COUNT: '3'})
    expect(['0', '1', '2'].map((index) => shardFromEnvironment(pod(index)))).toEqual(['1/3', '2/3', '3/3'])
    expect(() => shardFromEnvironment(pod('3'))).toThrow('place 4 of 3')
    expect(() => shardFromEnvironment({JOB_COMPLETION_INDEX: '0'})).toThrow('SLM_SHARD_COUNT is not set')
  })
})

it('says what --shard auto reads where there is nothing to read', () => {
  expect(() => shardFromEnvironment({})).toThrow('finds neither a Slurm array nor a Kubernetes indexed job')
})

it('knows GitHub Actions by its own variables', () => {
  expect(githubEnvironment({})).toEqual({isActions: false, summaryFile: undefined})
  expect(githubEnvironment({GITHUB_ACTIONS: 'true', GITHUB_STEP_SUMMARY: '/tmp/summary'})).toEqual({
    isActions: true,
    summaryFile: '/tmp/summary',
  })
})
