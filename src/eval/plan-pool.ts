import {SlmError} from '../errors.ts'
import type {FailedRecord} from '../store/record.ts'
import {comparePlaces} from '../store/record-order.ts'
import type {TaskRow} from '../tasks/task.ts'
import type {SelectedRow} from './selected-rows.ts'

/** A row's prompt as the model gets it. */
export interface Prompt {
  readonly text: string
  readonly ids: readonly number[]
  /** Tokens that were cut to fit the model. */
  readonly truncatedTokens: number
}

export interface PromptedSample {
  readonly kind: 'prompted'
  readonly index: number
  readonly row: TaskRow
  readonly prompt: Prompt
}

/** A sample of the plan: a prompt to decode, or the record of a row that has none. */
export type PlannedSample = PromptedSample | {readonly kind: 'failed'; readonly record: FailedRecord}

/** One pool in the order in which it is decoded and stored: longest prompt first, rows without a prompt last. */
export function planPool(
  task: string,
  pool: readonly SelectedRow[],
  promptOf: (row: TaskRow) => Prompt,
): PlannedSample[] {
  const planned = pool.map(({index, result}): PlannedSample => {
    if (result.kind === 'bad') return failedSample(task, index, result.id, 'data', result.error)
    try {
      return {kind: 'prompted', index, row: result.row, prompt: promptOf(result.row)}
    } catch (error) {
      if (!(error instanceof SlmError)) throw error
      return failedSample(task, index, result.row.id, 'prompt', error.message)
    }
  })
  return planned.sort((a, b) => comparePlaces(placeOf(a), placeOf(b), Number.POSITIVE_INFINITY))
}

function failedSample(
  task: string,
  index: number,
  id: string,
  stage: FailedRecord['stage'],
  error: string,
): PlannedSample {
  return {kind: 'failed', record: {status: 'failed', task, id, index, promptTokens: 0, stage, error}}
}

function placeOf(sample: PlannedSample) {
  return sample.kind === 'prompted'
    ? {task: 0, index: sample.index, promptTokens: sample.prompt.ids.length}
    : {task: 0, index: sample.record.index, promptTokens: 0}
}

/** Position of a planned sample among its task's rows. */
export function indexOf(sample: PlannedSample): number {
  return sample.kind === 'prompted' ? sample.index : sample.record.index
}
