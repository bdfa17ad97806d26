import type {SampleRecord} from './record.ts'

/**
 * Rows of a task are planned in pools of this many by index: read and tokenised together, longest prompt first. A pool
 * of 1024 prompts of a thousand tokens takes about 20 MB; a larger one would hardly sort lengths better.
 */
export const POOL_ROWS = 1024

/** Where a record stands in samples.jsonl. It can be told from the record alone, so that shards merge into the order of a whole run. */
export interface RecordPlace {
  /** Position of the task in the plan. */
  readonly task: number
  readonly index: number
  /** 0 where no prompt could be made. */
  readonly promptTokens: number
}

/** Task by task, pool by pool, longest prompt first, then by index. */
export function comparePlaces(a: RecordPlace, b: RecordPlace, poolRows: number): number {
  return (
    a.task - b.task ||
    Math.floor(a.index / poolRows) - Math.floor(b.index / poolRows) ||
    b.promptTokens - a.promptTokens ||
    a.index - b.index
  )
}

/** The place of a record among tasks in the plan's order. */
export function placeOf(record: SampleRecord, tasks: readonly string[]): RecordPlace {
  return {
    task: tasks.indexOf(record.task),
    index: record.index,
    promptTokens: record.status === 'scored' ? record.promptIds.length : record.promptTokens,
  }
}
