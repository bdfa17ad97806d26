import {existsSync, readFileSync} from 'node:fs'
import {trainingFiles} from '../train/open-training.ts'
import type {StepState} from './step-states.ts'

/** Steps of the optimizer in the logs of begun trainings, by the id of the plan's step. Reads the disk. */
export function trainedSteps(states: readonly StepState[]): ReadonlyMap<string, number> {
  const begun = states.filter(
    ({step, state}) => state === 'begun' && (step.kind === 'training' || step.kind === 'teacher'),
  )
  return new Map(begun.map(({step}) => [step.id, lastStep(trainingFiles(step.training?.folder ?? '').log)]))
}

/** The last step of a log; a line that was cut off does not count. */
function lastStep(file: string): number {
  if (!existsSync(file)) return 0
  const steps = [...readFileSync(file, 'utf8').matchAll(/^\{"kind":"step","step":(\d+),/gm)]
  return Number(steps.at(-1)?.[1] ?? 0)
}
