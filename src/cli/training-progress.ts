import type {TrainingResult} from '../train/train-model.ts'
import type {OnTrainingEvent, TrainingEvent} from '../train/training-events.ts'
import {duration, type ProgressOptions} from './progress.ts'

/** The line shows the speed of the last steps, as many as this. */
const RECENT = 20
const REDRAW_MS = 100
const PLAIN_MS = 5000
const CLEAR_LINE = '\r\u001b[K'

type Step = Extract<TrainingEvent, {kind: 'step'}>
type Evaluated = Extract<TrainingEvent, {kind: 'evaluated'}>['line']

/** Shows where a training is: one redrawn line on a terminal, plain lines every five seconds elsewhere. */
export function trainingProgress({stream, nowMs}: ProgressOptions): {
  readonly onEvent: OnTrainingEvent
  readonly end: () => void
} {
  const isTerminal = stream.isTTY === true
  const recent: Step[] = []
  let steps = 0
  let shownMs = Number.NEGATIVE_INFINITY
  let isLineOpen = false
  const say = (text: string): void => {
    stream.write(`${isLineOpen ? CLEAR_LINE : ''}${text}\n`)
    isLineOpen = false
  }
  const onEvent: OnTrainingEvent = (event) => {
    if (event.kind === 'opened') {
      steps = event.steps
      for (const line of openingLines(event)) say(line)
      return
    }
    if (event.kind === 'evaluated') {
      for (const line of evaluationLines(event.line)) say(line)
      return
    }
    if (event.kind === 'ended') {
      const {step, evaluationsWithoutGain, bestStep} = event.line
      say(
        `step ${step}: training ends here, ${evaluationsWithoutGain} evaluations were no better than that of step ${bestStep}`,
      )
      return
    }
    recent.push(event)
    if (recent.length > RECENT) recent.shift()
    if (nowMs() - shownMs < (isTerminal ? REDRAW_MS : PLAIN_MS) && event.step < steps) return
    shownMs = nowMs()
    const line = stepLine(event, recent, steps)
    if (!isTerminal) return say(line)
    stream.write(`${CLEAR_LINE}${line.slice(0, (stream.columns ?? 80) - 1)}`)
    isLineOpen = true
  }
  const end = (): void => {
    if (isLineOpen) stream.write('\n')
    isLineOpen = false
  }
  return {onEvent, end}
}

/** What a call came to; `command` is what goes on where it stopped early. */
export function trainingResultLines(out: string, result: TrainingResult, command: string): readonly string[] {
  const {examples, tokens, flops} = result.spent
  const {stepSeconds, cpuSeconds} = result.time
  const cost = `${whole(examples)} examples, ${whole(tokens)} tokens, ${flops.toExponential(2)} FLOPs, ${duration(stepSeconds)} of steps (${duration(cpuSeconds)} of processors)`
  if (result.status === 'stopped')
    return [
      `${out}: stopped after ${result.step} of ${result.steps} steps, saved; ${cost}`,
      `go on with: ${command}`,
    ]
  const {best, parameters, steps} = result
  return [
    `${out}: ${whole(parameters)} parameters, ${steps} steps; ${cost}`,
    ...evaluationLines({...best, kind: 'evaluation', isBest: true}).map((line) => `  ${line}`),
  ]
}

function openingLines({
  parameters,
  tasks,
  step,
  steps,
}: Extract<TrainingEvent, {kind: 'opened'}>): readonly string[] {
  return [
    `${whole(parameters)} parameters`,
    ...tasks.flatMap(({task, examples, inEpoch, aside, evaluated, evaluatedAside}) => [
      `${task}: ${whole(examples)} examples${inEpoch === examples ? '' : `, ${whole(inEpoch)} in an epoch`}${asideText(aside)}`,
      `  ${whole(evaluated)} to evaluate${asideText(evaluatedAside)}`,
    ]),
    ...(step > 0 ? [`going on after ${step} of ${steps} steps`] : []),
  ]
}

function asideText({
  tooLong,
  bad,
  cut,
}: {
  readonly tooLong: number
  readonly bad: number
  readonly cut: number
}): string {
  return [
    ...(tooLong > 0 ? [`${whole(tooLong)} too long, left out`] : []),
    ...(bad > 0 ? [`${whole(bad)} that cannot be read, left out`] : []),
    ...(cut > 0 ? [`${whole(cut)} prompts cut`] : []),
  ]
    .map((part) => `; ${part}`)
    .join('')
}

function evaluationLines({step, isBest, tasks, ...mean}: Evaluated): readonly string[] {
  const text = ({
    loss,
    exact,
    count,
  }: {
    readonly loss: number
    readonly exact: number
    readonly count: number
  }) => `loss ${loss.toFixed(3)}, ${(100 * exact).toFixed(1)}% of ${count} answers exact`
  const entries = Object.entries(tasks)
  const best = isBest ? ' (best so far)' : ''
  return entries.length === 1
    ? [`step ${step}: ${text(mean)}${best}`]
    : [
        `step ${step}: mean of the tasks: ${text(mean)}${best}`,
        ...entries.map(([task, found]) => `  ${task}: ${text(found)}`),
      ]
}

function whole(value: number): string {
  return value.toLocaleString('en-US')
}

function stepLine({step, smoothedLoss}: Step, recent: readonly Step[], steps: number): string {
  const ms = recent.reduce((total, each) => total + each.ms, 0)
  const tokens = recent.reduce((total, each) => total + each.tokens, 0)
  const flops = recent.reduce((total, each) => total + each.flops, 0)
  const left = ((steps - step) * ms) / recent.length / 1000
  return [
    `step ${step}/${steps}`,
    `loss ${smoothedLoss.toFixed(3)}`,
    `${Math.round((1000 * tokens) / ms)} tokens/s`,
    `${(flops / ms / 1e6).toFixed(1)} GFLOP/s`,
    `${duration(left)} left`,
  ].join(', ')
}
