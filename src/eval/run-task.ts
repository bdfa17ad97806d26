import type {Shard} from '../config/shard.ts'
import {SlmError} from '../errors.ts'
import type {SamplesFile} from '../store/samples-file.ts'
import type {RowResult, TaskRow} from '../tasks/task.ts'
import {indexOf, type PlannedSample, type Prompt, planPool} from './plan-pool.ts'
import {type Decoder, type GroupSettings, runGroup} from './run-group.ts'
import {pools, type SelectedRow, selectedRows} from './selected-rows.ts'

/** One task of a run, opened. */
export interface TaskRun extends Omit<GroupSettings, 'onEvent' | 'seed' | 'stopNow'> {
  /** Selected rows of the task before sharding; may be called more than once. */
  readonly rows: () => AsyncIterable<RowResult>
  readonly promptOf: (row: TaskRow) => Prompt
}

/** Where the run stands in samples.jsonl. */
export interface RunCursor {
  readonly samples: SamplesFile
  /** Planned samples before this point, all of them on disk. */
  at: number
}

export interface RunOptions {
  readonly seed: number
  readonly shard: Shard | undefined
  readonly poolRows: number
  /** Samples that are decoded together and become durable together; fixed by the plan, never by where a run was killed. */
  readonly groupRows: number
  readonly signal: AbortSignal
  readonly stopNow: AbortSignal | undefined
  readonly onEvent: GroupSettings['onEvent']
  readonly planned: number
}

/** Runs what is missing of one task, group by group. Returns false when it was asked to stop. */
export async function runTask(
  decoder: Decoder,
  task: TaskRun,
  cursor: RunCursor,
  options: RunOptions,
): Promise<boolean> {
  for await (const pool of pools(selectedRows(task.rows(), options.shard), options.poolRows)) {
    if (isDone(cursor, task.task, pool)) continue
    const planned = planPool(task.task, pool, task.promptOf)
    for (let from = 0; from < planned.length; from += options.groupRows) {
      const group = planned.slice(from, from + options.groupRows)
      if (isGroupDone(cursor, task.task, group)) continue
      if (options.signal.aborted) return false
      // A group that was cut off in the middle is decoded again as a whole: its rows share their batches.
      await cursor.samples.keep(cursor.at)
      const records = await runGroup(decoder, group, {...task, ...options})
      if (records === undefined) return false
      await cursor.samples.append(records)
      cursor.at += group.length
      options.onEvent({kind: 'stored', done: cursor.at, planned: options.planned})
    }
  }
  return true
}

/** Passes over a pool whose records are all on disk without making its prompts. */
function isDone(cursor: RunCursor, task: string, pool: readonly SelectedRow[]): boolean {
  const records = cursor.samples.done.slice(cursor.at, cursor.at + pool.length)
  if (records.length < pool.length) return false
  const indexes = new Set(pool.map(({index}) => index))
  if (!records.every((record) => record.task === task && indexes.has(record.index))) throw foreign(task)
  cursor.at += pool.length
  return true
}

function isGroupDone(cursor: RunCursor, task: string, group: readonly PlannedSample[]): boolean {
  const records = cursor.samples.done.slice(cursor.at, cursor.at + group.length)
  const isSame = records.every(
    (record, row) => record.task === task && record.index === indexOf(group[row] as PlannedSample), // never longer than the group
  )
  if (!isSame) throw foreign(task)
  if (records.length < group.length) return false
  cursor.at += group.length
  return true
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
