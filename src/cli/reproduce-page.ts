import type {StepEstimate} from '../reproduce/estimate-seconds.ts'
import type {StepEvent} from '../reproduce/run-steps.ts'
import type {StepState} from '../reproduce/step-states.ts'
import {duration} from './progress.ts'

const STATES: Readonly<Record<StepState['state'], string>> = {done: 'done', begun: 'goes on', open: ''}

/** The plan with the time of each step: spent where it is done, expected where it is not. */
export function planPage(
  states: readonly StepState[],
  estimates: readonly StepEstimate[],
  jobs: number,
): string {
  const width = Math.max(...states.map(({step}) => step.id.length))
  const lines = states.map(({step, state, seconds}, at) => {
    const estimate = estimates[at]
    const time = state === 'done' ? seconds : (estimate?.seconds ?? 0)
    const about = state === 'done' ? '' : estimate?.from === 'guess' ? 'guessed' : 'about'
    return `  ${step.id.padEnd(width)}  ${about.padStart(7)} ${duration(time).padStart(8)}  ${STATES[state]}`.trimEnd()
  })
  const left = estimates.reduce((sum, {seconds}) => sum + seconds, 0)
  const open = states.filter(({state}) => state !== 'done').length
  return [
    `${states.length} steps, ${open} to do; time of each, ${jobs} at once:`,
    ...lines,
    open === 0
      ? 'Everything is done.'
      : `To do: about ${duration(left / jobs)}${jobs > 1 ? ` (${duration(left)} of work, ${jobs} at once)` : ''}, reckoned from the probe and from what is done.`,
  ].join('\n')
}

/** One line for the beginning or end of a step, on stderr. */
export function stepLine(event: StepEvent): string {
  const {step} = event
  switch (event.kind) {
    case 'begins':
      return `${step.id}: slm ${event.words.join(' ')}`
    case 'ends':
      return `${step.id}: done in ${duration(event.seconds)}`
    case 'over-budget':
      return `${step.id}: about ${duration(event.seconds)}, and ${duration(Math.max(0, event.left))} of the budget are left: not begun`
  }
}
