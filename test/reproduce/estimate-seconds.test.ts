import {describe, expect, it} from 'vitest'
import {readConfig} from '../../src/config/read-config.ts'
import {reproduceConfigSchema} from '../../src/config/reproduce-config.ts'
import {estimateSeconds} from '../../src/reproduce/estimate-seconds.ts'
import {planSteps} from '../../src/reproduce/plan-steps.ts'
import type {StepState} from '../../src/reproduce/step-states.ts'
import {tinyReproduction} from './tiny-reproduction.ts'

/** 8 steps with 2 evaluations of one batch each. */
async function states(change: (id: string) => Partial<StepState> = () => ({})) {
  const {config} = tinyReproduction({seeds: 2})
  const {value} = await readConfig(reproduceConfigSchema, {file: config, flags: {}})
  const steps = await planSteps(value)
  return steps.map((step): StepState => ({step, state: 'open', seconds: 0, ...change(step.id)}))
}
const NONE = new Map<string, number>()

describe('estimateSeconds', () => {
  it('reckons steps, evaluations and the teacher’s reading from the probe', async () => {
    const found = estimateSeconds(await states(), () => 3, NONE)
    const secondsOf = (id: string): number | undefined => found.find((each) => each.id === id)?.seconds
    // 20 to open, 8 steps of 3 s, 2 evaluations of a third of a step.
    expect(secondsOf('seed-1/dec-only-seq2seq')).toBeCloseTo(20 + 8 * 3 + 2 * 1)
    expect(secondsOf('seed-1/dec-only-kd')).toBeCloseTo(20 + 8 * (3 + 1) + 2 * 1)
  })

  it('takes the time of the same cell with another seed where there is one', async () => {
    const done = await states((id) => (id === 'seed-1/dec-only-kd' ? {state: 'done', seconds: 77} : {}))
    const found = estimateSeconds(done, () => 3, NONE)
    expect(found.find(({id}) => id === 'seed-2/dec-only-kd')).toMatchObject({seconds: 77, from: 'measured'})
    expect(found.find(({id}) => id === 'seed-1/dec-only-kd')).toMatchObject({seconds: 0})
  })

  it('counts only the steps that a begun training lacks', async () => {
    const begun = await states((id) => (id === 'teacher' ? {state: 'begun', seconds: 30} : {}))
    const found = estimateSeconds(begun, () => 3, new Map([['teacher', 4]]))
    expect(found.find(({id}) => id === 'teacher')?.seconds).toBeCloseTo(20 + (8 * 3 + 2) / 2)
  })
})
