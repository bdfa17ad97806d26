import {parseDuration} from '../config/parse-duration.ts'
import type {ReproduceConfig} from '../config/reproduce-config.ts'
import {SlmError} from '../errors.ts'
import {estimateSeconds, type StepEstimate} from '../reproduce/estimate-seconds.ts'
import {planSteps} from '../reproduce/plan-steps.ts'
import {probeSpeeds} from '../reproduce/probe-speeds.ts'
import {runSteps} from '../reproduce/run-steps.ts'
import {type StepState, stepStates} from '../reproduce/step-states.ts'
import {trainedSteps} from '../reproduce/trained-steps.ts'
import {commandLine, interruptible, withCommand} from './interrupt.ts'
import {stepLauncher} from './launch-step.ts'
import {planPage, stepLine} from './reproduce-page.ts'

export interface ReproducedSteps {
  readonly states: readonly StepState[]
  /** Ids of the steps that are not done. */
  readonly open: readonly string[]
  /** What failed; the rest was done all the same. */
  readonly failure?: SlmError
  readonly plan: readonly {readonly id: string; readonly state: string; readonly seconds: number}[]
}

/** Prints the plan, then does it unless it is a dry run; progress on stderr, Ctrl-C in hand. */
export async function reproduceSteps(
  config: ReproduceConfig,
  {isDryRun, print}: {readonly isDryRun: boolean; readonly print: (text: string) => void},
): Promise<ReproducedSteps> {
  const {out, jobs, budget} = config
  const states = await stepStates(await planSteps(config), out)
  const stepSeconds = await probeSpeeds(config, states, {
    nowMs: () => performance.now(),
    tell: (text) => process.stderr.write(`probe: ${text}\n`),
  })
  const estimates = estimateSeconds(states, stepSeconds, trainedSteps(states))
  print(planPage(states, estimates, jobs))
  const plan = states.map(({step, state}, at) => ({
    id: step.id,
    state,
    seconds: estimates[at]?.seconds ?? 0,
  }))
  const open = states.filter(({state}) => state !== 'done').map(({step}) => step.id)
  if (isDryRun || open.length === 0) return {states, open, plan}
  return {states, plan, ...(await doSteps(states, estimates, {out, jobs, budget}))}
}

async function doSteps(
  states: readonly StepState[],
  estimates: readonly StepEstimate[],
  {out, jobs, budget}: Pick<ReproduceConfig, 'out' | 'jobs' | 'budget'>,
): Promise<Pick<ReproducedSteps, 'open' | 'failure'>> {
  const command = commandLine(process.argv, process.cwd())
  const budgetMs = budget === undefined ? undefined : parseDuration('--budget', budget)
  const tell = (text: string): void => void process.stderr.write(`${text}\n`)
  const interrupt = interruptible(command, (text) => process.stderr.write(text))
  const seconds = new Map(estimates.map(({id, seconds: expected}) => [id, expected]))
  try {
    const open = await runSteps(states, {
      out,
      jobs,
      launch: stepLauncher((id, line) => tell(`[${id}] ${line}`)),
      nowMs: () => performance.now(),
      onEvent: (event) => tell(stepLine(event)),
      signal: interrupt.signal,
      budgetMs,
      estimate: (id) => seconds.get(id) ?? 0,
    })
    return {open}
  } catch (error) {
    if (error instanceof SlmError && error.code === 'step-failed')
      return {open: await openSteps(states, out), failure: error}
    throw withCommand(error, command)
  } finally {
    interrupt.release()
  }
}

async function openSteps(states: readonly StepState[], out: string): Promise<readonly string[]> {
  const now = await stepStates(
    states.map(({step}) => step),
    out,
  )
  return now.filter(({state}) => state !== 'done').map(({step}) => step.id)
}
