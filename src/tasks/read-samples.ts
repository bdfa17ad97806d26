import {readRows} from '../data/read-rows.ts'
import {firstOf, seededSample} from '../data/subset.ts'
import {SlmError} from '../errors.ts'
import {type DataOptions, type LocatedData, locateData} from './locate-data.ts'
import {columnsOf, mapRow} from './map-row.ts'
import type {RowResult, Task} from './task.ts'

export interface SampleOptions extends DataOptions {
  /** At most this many rows: the first ones, or a seeded sample where the task says so. */
  readonly limit?: number | undefined
}

/** The task's rows in the order of the data, mapped to its fields. A row that cannot be used is yielded as bad. */
export async function* readSamples(
  task: Task,
  options: SampleOptions = {},
): AsyncGenerator<RowResult, void, void> {
  yield* samplesOf(task, await locateData(task, options), options.limit)
}

/** The same for data that were located before. */
export async function* samplesOf(
  task: Task,
  located: LocatedData,
  limit?: number | undefined,
): AsyncGenerator<RowResult, void, void> {
  const rows = checkedRows(task, located)
  if (limit === undefined) yield* rows
  else if (task.subset === 'first') yield* firstOf(rows, limit)
  else yield* await seededSample(rows, {count: limit, seed: task.subset.seed, idOf: idOf})
}

async function* checkedRows(task: Task, located: LocatedData): AsyncGenerator<RowResult, void, void> {
  /** Ids decide about shards and resuming, so a second row of one id is a bad row. */
  const seen = new Set<string>()
  let firstError: string | undefined
  for await (const source of readRows(located.files, columnsOf(task))) {
    const result = mapRow(task, source)
    const isTwice = result.kind === 'row' && seen.has(result.row.id)
    if (result.kind === 'row' && !isTwice) {
      seen.add(result.row.id)
      yield result
      continue
    }
    const error = result.kind === 'bad' ? result.error : `another row has the id ${result.row.id} too`
    firstError ??= `${source.position}: ${error}`
    yield {kind: 'bad', id: source.position, error}
  }
  if (seen.size === 0)
    throw new SlmError(
      'data-empty',
      firstError === undefined ? 'the data have no rows' : `no row can be used; ${firstError}`,
      {
        hint: 'Check that the file belongs to the task; columns are mapped in the task’s YAML (columns:).',
      },
    )
}

function idOf(result: RowResult): string {
  return result.kind === 'row' ? result.row.id : result.id
}
