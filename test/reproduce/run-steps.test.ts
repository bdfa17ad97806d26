import {mkdtempSync, readFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {setTimeout} from 'node:timers/promises'
import {describe, expect, it} from 'vitest'
import {type Launch, type RunStepsOptions, runSteps, type StepEvent} from '../../src/reproduce/run-steps.ts'
import type {Step} from '../../src/reproduce/step.ts'
import {stepStates} from '../../src/reproduce/step-states.ts'

function step(id: string, needs: readonly string[] = []): Step {
  return {id, kind: 'weights', needs, settings: id, words: async () => ['do', id], outputs: []}
}
const STEPS = [step('a'), step('b', ['a']), step('c', ['a']), step('d', ['b', 'c'])]

/** A launcher that notes what runs, and at most how many at once; a step runs until `work` is done. */
function launcher(
  codes: Readonly<Record<string, number>> = {},
  work: (id: string) => Promise<unknown> = () => setTimeout(1),
) {
  const order: string[] = []
  let running = 0
  let most = 0
  const launch: Launch = async ({id}) => {
    order.push(id)
    running++
    most = Math.max(most, running)
    await work(id)
    running--
    return codes[id] ?? 0
  }
  return {launch, order, most: () => most}
}

function options(launch: Launch, more: Partial<RunStepsOptions> = {}): RunStepsOptions {
  return {
    out: mkdtempSync(join(tmpdir(), 'slm-steps-')),
    jobs: 1,
    launch,
    nowMs: () => 0,
    onEvent: () => undefined,
    signal: new AbortController().signal,
    estimate: () => 10,
    ...more,
  }
}

describe('runSteps', () => {
  it('does every step once, in the order of the plan', async () => {
    const {launch, order} = launcher()
    const given = options(launch)
    expect(await runSteps(await stepStates(STEPS, given.out), given)).toEqual([])
    expect(order).toEqual(['a', 'b', 'c', 'd'])
  })

  it('does steps at once only where none waits for the other', async () => {
    let bothRun: () => void = () => undefined
    const isBoth = new Promise<void>((resolve) => {
      bothRun = resolve
    })
    const ended: string[] = []
    const endedBefore = new Map<string, readonly string[]>()
    const {launch, order, most} = launcher({}, async (id) => {
      endedBefore.set(id, ended.toSorted())
      // b and c end only once both run, so that no slow disk can do one after the other; a takes longer than it takes to begin one.
      if (order.includes('b') && order.includes('c')) bothRun()
      await (id === 'b' || id === 'c' ? isBoth : setTimeout(50))
      ended.push(id)
    })
    const given = options(launch, {jobs: 3})
    expect(await runSteps(await stepStates(STEPS, given.out), given)).toEqual([])
    expect(most()).toBe(2)
    expect(Object.fromEntries(endedBefore)).toEqual({a: [], b: ['a'], c: ['a'], d: ['a', 'b', 'c']})
  })

  it('goes on behind what is done', async () => {
    const first = launcher({c: 1})
    const given = options(first.launch)
    await expect(runSteps(await stepStates(STEPS, given.out), given)).rejects.toMatchObject({
      code: 'step-failed',
    })
    const second = launcher()
    const states = await stepStates(STEPS, given.out)
    expect(states.map(({state}) => state)).toEqual(['done', 'done', 'begun', 'open'])
    await runSteps(states, {...given, launch: second.launch})
    expect(second.order).toEqual(['c', 'd'])
  })

  it('goes on with what does not read a step that failed', async () => {
    const {launch, order} = launcher({b: 1})
    const given = options(launch)
    await expect(runSteps(await stepStates(STEPS, given.out), given)).rejects.toMatchObject({
      code: 'step-failed',
      message: 'b ended with exit code 1',
    })
    expect(order).toEqual(['a', 'b', 'c'])
  })

  it('begins nothing after a step that does not fit into the budget', async () => {
    const {launch, order} = launcher()
    const events: StepEvent[] = []
    const given = options(launch, {
      budgetMs: 25_000,
      estimate: (id) => (id === 'b' ? 30 : 10),
      onEvent: (event) => events.push(event),
    })
    expect(await runSteps(await stepStates(STEPS, given.out), given)).toEqual(['b', 'c', 'd'])
    expect(order).toEqual(['a'])
    expect(events.at(-1)).toMatchObject({kind: 'over-budget', seconds: 30, left: 25})
  })

  it('starts no step after Ctrl-C and says how much is left', async () => {
    const controller = new AbortController()
    const given = options(
      async () => {
        controller.abort()
        return 130
      },
      {signal: controller.signal},
    )
    await expect(runSteps(await stepStates(STEPS, given.out), given)).rejects.toMatchObject({
      code: 'interrupted',
      exit: 130,
      message: 'stopped with 4 of 4 steps to do',
    })
  })

  it('writes the configuration before the command reads it', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'slm-steps-'))
    const path = join(folder, 'deep', 'train.yaml')
    let found = ''
    const given = options(async () => {
      found = readFileSync(path, 'utf8')
      return 0
    })
    const configured = {...step('a'), configFile: {path, text: 'steps: 1\n'}}
    await runSteps(await stepStates([configured], given.out), given)
    expect(found).toBe('steps: 1\n')
  })
})

describe('stepStates', () => {
  it('does a step again whose output is gone', async () => {
    const lost = {...step('a'), outputs: ['/nowhere/model.onnx']}
    const given = options(launcher().launch)
    await runSteps(await stepStates([lost], given.out), given)
    expect((await stepStates([lost], given.out))[0]?.state).toBe('begun')
  })

  it('refuses a training that was begun with other settings', async () => {
    const training = {...step('seed-1/x'), kind: 'training'} as const
    const given = options(launcher().launch)
    await runSteps(await stepStates([training], given.out), given)
    await expect(stepStates([{...training, settings: 'other'}], given.out)).rejects.toMatchObject({
      code: 'reproduce-changed',
    })
  })
})
