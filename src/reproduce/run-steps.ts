import {mkdir, writeFile} from 'node:fs/promises'
import {dirname, join} from 'node:path'
import {SlmError} from '../errors.ts'
import {reproducePaths} from './reproduce-paths.ts'
import type {Step} from './step.ts'
import {fileNameOf, writeStepRecord} from './step-record.ts'
import type {StepState} from './step-states.ts'

/** Runs one command of this program to its end; a stopped one ends with code 130. */
export type Launch = (command: {
  readonly id: string
  /** After the program's name. */
  readonly words: readonly string[]
  /** Where everything that it prints is added. */
  readonly log: string
  readonly signal: AbortSignal
}) => Promise<number>

export type StepEvent =
  | {readonly kind: 'begins'; readonly step: Step; readonly words: readonly string[]; readonly log: string}
  | {readonly kind: 'ends'; readonly step: Step; readonly seconds: number}
  | {readonly kind: 'over-budget'; readonly step: Step; readonly seconds: number; readonly left: number}

export interface RunStepsOptions {
  readonly out: string
  /** Steps at once. */
  readonly jobs: number
  readonly launch: Launch
  /** Milliseconds from any fixed point. */
  readonly nowMs: () => number
  readonly onEvent: (event: StepEvent) => void
  /** Aborted: running steps are stopped, none begins. */
  readonly signal: AbortSignal
  /** From now; no step begins that would end later. */
  readonly budgetMs?: number | undefined
  /** Seconds that a step will take. */
  readonly estimate: (id: string) => number
}

const INTERRUPTED = 130

/**
 * Does what is not done, in the order of the plan, several steps at once where they do not wait for each other. A step that
 * does not fit into the budget ends the work in order: none begins after it. A step that fails holds up only those that read
 * it. Returns the ids of what is still open.
 * Errors: `interrupted` (exit 130), `step-failed`.
 */
export async function runSteps(
  states: readonly StepState[],
  options: RunStepsOptions,
): Promise<readonly string[]> {
  const done = new Set(states.filter(({state}) => state === 'done').map(({step}) => step.id))
  const waiting = states.filter(({state}) => state !== 'done')
  const running = new Map<string, Promise<void>>()
  const failures: SlmError[] = []
  const deadline = options.budgetMs === undefined ? undefined : options.nowMs() + options.budgetMs
  let isOver = false
  for (;;) {
    while (!isOver && !options.signal.aborted && running.size < options.jobs) {
      const at = waiting.findIndex(({step}) => step.needs.every((id) => done.has(id)))
      const next = waiting[at]
      if (next === undefined) break
      isOver = isOverBudget(next.step, deadline, options)
      if (isOver) break
      waiting.splice(at, 1)
      const end = oneStep(next, options).then(
        () => void done.add(next.step.id),
        (error: unknown) => {
          if (!(error instanceof SlmError)) throw error
          if (error.code !== 'interrupted') failures.push(error)
        },
      )
      running.set(
        next.step.id,
        end.finally(() => running.delete(next.step.id)),
      )
    }
    if (running.size === 0) break
    await Promise.race(running.values())
  }
  if (options.signal.aborted)
    throw new SlmError(
      'interrupted',
      `stopped with ${states.length - done.size} of ${states.length} steps to do`,
      {
        exit: INTERRUPTED,
      },
    )
  const [failure] = failures
  if (failure !== undefined)
    throw new SlmError(failure.code, failures.map(({message}) => message).join('; '), {
      ...(failure.hint === undefined ? {} : {hint: failure.hint}),
      exit: 1,
    })
  return states.map(({step}) => step.id).filter((id) => !done.has(id))
}

function isOverBudget(
  step: Step,
  deadline: number | undefined,
  {estimate, nowMs, onEvent}: RunStepsOptions,
): boolean {
  if (deadline === undefined) return false
  const seconds = estimate(step.id)
  const left = (deadline - nowMs()) / 1000
  if (seconds <= left) return false
  onEvent({kind: 'over-budget', step, seconds, left})
  return true
}

async function oneStep({step, seconds: before}: StepState, options: RunStepsOptions): Promise<void> {
  const {out, launch, nowMs, onEvent, signal} = options
  const paths = reproducePaths(out)
  const {id, settings, configFile} = step
  const start = nowMs()
  if (configFile !== undefined) {
    await mkdir(dirname(configFile.path), {recursive: true})
    await writeFile(configFile.path, configFile.text)
  }
  const keep = (state: 'done' | 'stopped'): Promise<void> =>
    writeStepRecord(paths.steps, {id, settings, state, seconds: before + (nowMs() - start) / 1000})
  await keep('stopped')
  const log = join(paths.logs, `${fileNameOf(step)}.log`)
  await mkdir(paths.logs, {recursive: true})
  const words = await step.words()
  onEvent({kind: 'begins', step, words, log})
  const code = await launch({id, words, log, signal})
  await keep(code === 0 ? 'done' : 'stopped')
  if (code === INTERRUPTED || signal.aborted)
    throw new SlmError('interrupted', `${id} was stopped`, {exit: INTERRUPTED})
  if (code !== 0)
    throw new SlmError('step-failed', `${id} ended with exit code ${code}`, {
      hint: `What it printed is in ${log}; alone it is: slm ${words.join(' ')}${anew(step)}`,
      exit: 1,
    })
  onEvent({kind: 'ends', step, seconds: before + (nowMs() - start) / 1000})
}

/** A finished run is only read again, with whatever failed in it. */
function anew({kind, training}: Step): string {
  return kind === 'evaluation' && training !== undefined
    ? `. To evaluate anew, remove ${training.folder}`
    : ''
}
