import {isInShard, type Shard} from '../config/shard.ts'
import type {RowResult} from '../tasks/task.ts'

/** A row with its place among the selected rows of its task, before sharding. */
export interface SelectedRow {
  readonly index: number
  readonly result: RowResult
}

/** The rows of a run, or of its shard, in file order. */
export async function* selectedRows(
  rows: AsyncIterable<RowResult>,
  shard: Shard | undefined,
): AsyncGenerator<SelectedRow, void, void> {
  let index = 0
  for await (const result of rows) {
    if (isInShard(result.kind === 'row' ? result.row.id : result.id, shard)) yield {index, result}
    index++
  }
}

/** Rows of one pool after the other: those whose indexes share `floor(index / poolRows)`, whatever the shard left of them. */
export async function* pools(
  rows: AsyncIterable<SelectedRow>,
  poolRows: number,
): AsyncGenerator<SelectedRow[], void, void> {
  let pool: SelectedRow[] = []
  let number = 0
  for await (const row of rows) {
    const rowPool = Math.floor(row.index / poolRows)
    if (rowPool !== number && pool.length > 0) {
      yield pool
      pool = []
    }
    number = rowPool
    pool.push(row)
  }
  if (pool.length > 0) yield pool
}

/** How many rows a run has, read through once: progress needs the whole. */
export async function countRows(rows: AsyncIterable<RowResult>, shard: Shard | undefined): Promise<number> {
  let count = 0
  for await (const _ of selectedRows(rows, shard)) count++
  return count
}
