import {setImmediate} from 'node:timers/promises'
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

export interface PlanningHooks {
  readonly onPrompts?: (prompts: number) => void
  /** Aborted: planning throws its reason. */
  readonly signal?: AbortSignal
}

/** Rows between two breaths: other work of the event loop (progress, signals, answers of the model) is not held up. */
const ROWS_AT_ONCE = 16

/** One pool in the order in which it is decoded and stored: longest prompt first, rows without a prompt last. */
export async function planPool(
  task: string,
  pool: readonly SelectedRow[],
  promptOf: (row: TaskRow) => Prompt,
  {onPrompts, signal}: PlanningHooks = {},
): Promise<PlannedSample[]> {
  const planned: PlannedSample[] = []
  for (const row of pool) {
    planned.push(planRow(task, row, promptOf))
    if (planned.length % ROWS_AT_ONCE === 0) {
      onPrompts?.(ROWS_AT_ONCE)
      await setImmediate()
      signal?.throwIfAborted()
    }
  }
  return planned.sort((a, b) => comparePlaces(placeOf(a), placeOf(b), Number.POSITIVE_INFINITY))
}

function planRow(
  task: string,
  {index, result}: SelectedRow,
  promptOf: (row: TaskRow) => Prompt,
): PlannedSample {
  if (result.kind === 'bad') return failedSample(task, index, result.id, 'data', result.error)
  try {
    return {kind: 'prompted', index, row: result.row, prompt: promptOf(result.row)}
  } catch (error) {
    if (!(error instanceof SlmError)) throw error
    return failedSample(task, index, result.row.id, 'prompt', error.message)
  }
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
