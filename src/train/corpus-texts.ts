import {basename} from 'node:path'
import {linesOf} from '../data/lines.ts'
import {readRows} from '../data/read-rows.ts'
import {SlmError} from '../errors.ts'

/** Endings of files whose rows have columns; anything else is text, a line at a time. */
const TABLES = /\.(jsonl|ndjson|json|csv|tsv|parquet)$/i

/**
 * The texts of data files, for a tokenizer to learn from: every text in every row, nested ones too, or the lines of a
 * plain file. `columns`: the only ones to read, when given; a file need not have all of them. Reads the disk.
 * Errors: `data-broken` for a row that cannot be read, `data-empty` for a file without a text in these columns.
 */
export async function* corpusTexts(
  paths: readonly string[],
  columns: readonly string[] | undefined,
): AsyncGenerator<string, void, void> {
  for (const path of paths) {
    let isEmpty = true
    for await (const text of TABLES.test(path) ? rowTexts(path, columns) : lineTexts(path)) {
      isEmpty = false
      yield text
    }
    if (isEmpty)
      throw new SlmError('data-empty', `${path} holds no text${columns ? ` in ${columns.join(', ')}` : ''}`, {
        hint: 'Check --data, and --columns: without it every text is read.',
      })
  }
}

async function* lineTexts(path: string): AsyncGenerator<string, void, void> {
  for await (const {number, text} of linesOf(path)) {
    if (text === undefined) throw unreadable(`${basename(path)}:${number}`, 'is not UTF-8')
    yield text
  }
}

async function* rowTexts(
  path: string,
  columns: readonly string[] | undefined,
): AsyncGenerator<string, void, void> {
  for await (const row of readRows({kind: 'rows', paths: [path]}, columns)) {
    if (row.kind === 'bad') throw unreadable(row.position, row.error)
    for (const [column, value] of Object.entries(row.values))
      if (columns === undefined || columns.includes(column)) yield* textsIn(value)
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
