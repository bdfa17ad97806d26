import {basename} from 'node:path'
import {linesOf} from '../data/lines.ts'
import {readRows} from '../data/read-rows.ts'
import {SlmError} from '../errors.ts'

/** Endings of files whose rows have columns; anything else is text, a line at a time. */
const TABLES = /\.(jsonl|ndjson|json|csv|tsv|parquet)$/i

/**
 * The texts of data files, for a tokenizer to learn from: every text in every row, nested ones too, or the lines of a
 * plain file. `columns`: the only ones to read, when given. Rows that cannot be read are an error. Reads the disk.
 */
export async function* corpusTexts(
  paths: readonly string[],
  columns: readonly string[] | undefined,
): AsyncGenerator<string, void, void> {
  for (const path of paths) {
    if (!TABLES.test(path)) {
      for await (const line of linesOf(path)) {
        if (line.text === undefined) throw unreadable(`${basename(path)}:${line.number}`, 'is not UTF-8')
        yield line.text
      }
      continue
    }
    for await (const row of readRows({kind: 'rows', paths: [path]}, columns)) {
      if (row.kind === 'bad') throw unreadable(row.position, row.error)
      for (const [column, value] of Object.entries(row.values))
        if (columns === undefined || columns.includes(column)) yield* textsIn(value)
    }
  }
}

function* textsIn(value: unknown): Generator<string, void, void> {
  if (typeof value === 'string') yield value
  else if (typeof value === 'object' && value !== null)
    for (const part of Object.values(value)) yield* textsIn(part)
}

function unreadable(position: string, why: string): SlmError {
  return new SlmError('data-broken', `${position}: ${why}`, {hint: 'Mend or remove the row.'})
}
