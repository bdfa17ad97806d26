import {formatOf} from './data-format.ts'
import type {PairFile} from './pair-rows.ts'
import type {SourceRow} from './source-row.ts'

/** Files that hold one split: rows one file after the other, or two files whose lines belong together. */
export type DataFiles =
  | {readonly kind: 'rows'; readonly paths: readonly string[]}
  | {readonly kind: 'pairs'; readonly files: readonly [PairFile, PairFile]}

/** Rows of any format, streamed. `columns`: the top-level columns that are needed, where a format can leave out the others. */
export async function* readRows(
  data: DataFiles,
  columns?: readonly string[],
): AsyncGenerator<SourceRow, void, void> {
  if (data.kind === 'pairs') {
    const {pairRows} = await import('./pair-rows.ts')
    yield* pairRows(data.files)
    return
  }
  let number = 0
  for (const path of data.paths)
    for await (const row of rowsOf(path, columns)) {
      yield row.kind === 'row' ? {...row, number} : row
      number += 1
    }
}

async function* rowsOf(
  path: string,
  columns: readonly string[] | undefined,
): AsyncGenerator<SourceRow, void, void> {
  const format = await formatOf(path)
  switch (format) {
    case 'parquet':
      return yield* (await import('./parquet-rows.ts')).parquetRows(path, columns)
    case 'jsonl':
      return yield* (await import('./jsonl-rows.ts')).jsonlRows(path)
    case 'json':
      return yield* (await import('./json-rows.ts')).jsonRows(path)
    case 'csv':
      return yield* (await import('./csv-rows.ts')).csvRows(path)
  }
}
