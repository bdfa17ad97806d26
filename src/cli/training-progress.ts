import type {OnTrainingEvent, TrainingEvent} from '../train/training-events.ts'
import {duration, type ProgressOptions} from './progress.ts'

/** The line shows the speed of the last steps, as many as this. */
const RECENT = 20
const REDRAW_MS = 100
const PLAIN_MS = 5000
const CLEAR_LINE = '\r\u001b[K'

type Step = Extract<TrainingEvent, {kind: 'step'}>

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
      const {step, loss, exact, count, isBest} = event.line
      const share = (100 * exact).toFixed(1)
      say(
        `step ${step}: loss ${loss.toFixed(3)}, ${share}% of ${count} answers exact${isBest ? ' (best so far)' : ''}`,
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

function openingLines(event: Extract<TrainingEvent, {kind: 'opened'}>): readonly string[] {
  const {parameters, examples, evaluated, tooLong, bad, step, steps} = event
  return [
    `${parameters.toLocaleString('en-US')} parameters, ${examples} examples, ${evaluated} to evaluate`,
    ...(tooLong + bad > 0
      ? [`left out: ${tooLong} answers that are too long, ${bad} rows that cannot be read`]
      : []),
    ...(step > 0 ? [`going on after ${step} of ${steps} steps`] : []),
  ]
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
