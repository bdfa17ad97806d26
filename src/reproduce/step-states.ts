import {stat} from 'node:fs/promises'
import {join} from 'node:path'
import {SlmError} from '../errors.ts'
import {reproducePaths} from './reproduce-paths.ts'
import type {Step} from './step.ts'
import {readStepRecord} from './step-record.ts'

/** Where a step stands before the command goes on. */
export interface StepState {
  readonly step: Step
  /** `begun`: stopped in the middle, goes on there. */
  readonly state: 'done' | 'begun' | 'open'
  /** Seconds that were spent on it so far. */
  readonly seconds: number
}

/**
 * Looks at what is there: a step is done when its record has the settings of the plan and its outputs exist.
 * Errors: `reproduce-changed` where a training, or what trainings read, was begun with other settings.
 */
export async function stepStates(steps: readonly Step[], out: string): Promise<readonly StepState[]> {
  const states: StepState[] = []
  for (const step of steps) {
    const record = await readStepRecord(reproducePaths(out).steps, step.id)
    const isSame = record?.settings === step.settings
    if (record !== undefined && !isSame && isKept(step)) throw changed(step, out)
    const seconds = isSame ? record.seconds : 0
    const isDone = isSame && record.state === 'done' && (await areThere(step.outputs))
    states.push({step, state: isDone ? 'done' : isSame ? 'begun' : 'open', seconds})
  }
  return states
}

/** Evaluations have folders by their settings; everything else would be written over. */
function isKept({kind}: Step): boolean {
  return kind === 'teacher' || kind === 'training' || kind === 'tokenizer'
}

function changed({id}: Step, out: string): SlmError {
  return new SlmError('reproduce-changed', `${id} in ${out} was begun with other settings or data`, {
    hint: `Give another --out, or the configuration with which it was begun; or remove ${join(reproducePaths(out).steps, `${id.replaceAll('/', '.')}.json`)} and the step's folder.`,
  })
}

async function areThere(files: readonly string[]): Promise<boolean> {
  for (const file of files) {
    const found = await stat(file).catch(() => undefined)
    if (found === undefined) return false
  }
  return true
}
