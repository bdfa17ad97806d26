import type {Shard} from '../config/shard.ts'
import {SlmError} from '../errors.ts'
import type {DoneRecord, SamplesFile} from '../store/samples-file.ts'
import type {RowResult, TaskRow} from '../tasks/task.ts'
import {indexOf, type PlannedSample, type Prompt, planPool} from './plan-pool.ts'
import {readAhead} from './read-ahead.ts'
import {type Decoder, type GroupSettings, runGroup} from './run-group.ts'
import {pools, type SelectedRow, selectedRows} from './selected-rows.ts'

/** One task of a run, opened. */
export interface TaskRun extends Omit<GroupSettings, 'onEvent' | 'seed' | 'stopNow'> {
  /** Selected rows of the task before sharding; may be called more than once. */
  readonly rows: () => AsyncIterable<RowResult>
  readonly promptOf: (row: TaskRow) => Prompt
}

export interface RunOptions extends Pick<GroupSettings, 'onEvent' | 'seed' | 'stopNow'> {
  readonly samples: SamplesFile
  /** What was on disk when this start began: a prefix of the plan. */
  readonly done: readonly DoneRecord[]
  readonly shard: Shard | undefined
  readonly poolRows: number
  /** Samples that are decoded together and become durable together; fixed by the plan, never by where a run was killed. */
  readonly groupRows: number
  readonly signal: AbortSignal
  readonly planned: number
}

/** Where a task ended: planned samples before this point are on disk. */
export interface TaskEnd {
  readonly at: number
  /** True when it was asked to stop. */
  readonly isStopped: boolean
}

/** Runs what is missing of the task whose samples begin at `start` of the plan, group by group. */
export async function runTask(
  decoder: Decoder,
  task: TaskRun,
  start: number,
  options: RunOptions,
): Promise<TaskEnd> {
  let at = start
  try {
    // The next pool's prompts are made while the model answers this one's.
    for await (const pool of readAhead(plannedPools(task, start, options))) {
      const end =
        pool.kind === 'done' ? at + pool.rows : await runPool(decoder, task, pool.samples, at, options)
      if (typeof end !== 'number') return end
      at = end
    }
  } catch (error) {
    // Planning was asked to stop too.
    if (error !== options.signal.reason) throw error
    return {at, isStopped: true}
  }
  return {at, isStopped: false}
}

/** Runs what is missing of a pool that begins at `start`; returns where it ended, or that it was asked to stop. */
async function runPool(
  decoder: Decoder,
  task: TaskRun,
  pool: readonly PlannedSample[],
  start: number,
  options: RunOptions,
): Promise<number | TaskEnd> {
  const {samples, groupRows, signal, planned, onEvent} = options
  let at = start
  for (let from = 0; from < pool.length; from += groupRows) {
    const group = pool.slice(from, from + groupRows)
    if (!isGroupDone(task.task, group, options.done.slice(at, at + group.length))) {
      if (signal.aborted) return {at, isStopped: true}
      // A group that was cut off in the middle is decoded again as a whole: its rows share their batches.
      await samples.keep(at)
      const records = await runGroup(decoder, group, {...task, ...options})
      if (records === undefined) return {at, isStopped: true}
      await samples.append(records)
      onEvent({kind: 'stored', done: at + group.length, planned})
    }
    at += group.length
  }
  return at
}

/** A pool in the order of the plan, or how many rows it has when all its records are on disk. */
type PlannedPool =
  | {readonly kind: 'done'; readonly rows: number}
  | {readonly kind: 'planned'; readonly samples: readonly PlannedSample[]}

async function* plannedPools(
  task: TaskRun,
  start: number,
  {shard, poolRows, done, onEvent, signal}: RunOptions,
): AsyncGenerator<PlannedPool, void, void> {
  let at = start
  for await (const pool of pools(selectedRows(task.rows(), shard), poolRows)) {
    const records = done.slice(at, at + pool.length)
    at += pool.length
    if (isPoolDone(task.task, pool, records)) yield {kind: 'done', rows: pool.length}
    else
      yield {
        kind: 'planned',
        samples: await planPool(task.task, pool, task.promptOf, {
          signal,
          onPrompts: (prompts) => onEvent({kind: 'prompts', task: task.task, prompts}),
        }),
      }
  }
}

/** Passes over a pool whose records are all on disk without making its prompts. */
function isPoolDone(task: string, pool: readonly SelectedRow[], records: readonly DoneRecord[]): boolean {
  if (records.length < pool.length) return false
  const indexes = new Set(pool.map(({index}) => index))
  if (!records.every((record) => record.task === task && indexes.has(record.index))) throw foreign(task)
  return true
}

/** `records`: what is on disk in the group's place; never longer than the group. */
function isGroupDone(task: string, group: readonly PlannedSample[], records: readonly DoneRecord[]): boolean {
  const isSame = group
    .slice(0, records.length)
    .every((sample, row) => records[row]?.task === task && records[row]?.index === indexOf(sample))
  if (!isSame) throw foreign(task)
  return records.length === group.length
}

function foreign(task: string): SlmError {
  return new SlmError(
    'run-damaged',
    `samples.jsonl does not hold the samples of ${task} in the order of the plan`,
    {
      hint: 'It was changed by something else than slm: remove the run folder and run again.',
    },
  )
}
