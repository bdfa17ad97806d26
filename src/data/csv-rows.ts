import {createReadStream} from 'node:fs'
import {basename} from 'node:path'
import {type CsvError, parse} from 'csv-parse'
import {SlmError} from '../errors.ts'
import type {BadSourceRow, SourceRow} from './source-row.ts'

/** A record longer than this comes from a quote that is never closed. */
const LONGEST_RECORD_BYTES = 16 * 2 ** 20

interface Parsed {
  readonly record: readonly string[]
  readonly info: {readonly lines: number}
}

interface Skipped {
  readonly line: number
  readonly error: string
}

/**
 * Rows of a CSV file (RFC 4180: quoted fields may hold line breaks) with the column names in its first record;
 * tabs instead of commas in a `.tsv`. The position is the line on which the record ends.
 */
export async function* csvRows(path: string): AsyncGenerator<SourceRow, void, void> {
  const name = basename(path)
  /** The parser runs ahead of the rows that are asked for, so skipped records wait here for their turn. */
  const skipped: Skipped[] = []
  const parser = createReadStream(path).pipe(
    parse({
      bom: true,
      delimiter: path.endsWith('.tsv') ? '\t' : ',',
      info: true,
      max_record_size: LONGEST_RECORD_BYTES,
      relax_column_count: true,
      // Without it the parser loses its place after `"x"y` and takes the next rows for one field.
      relax_quotes: true,
      skip_empty_lines: true,
      skip_records_with_error: true,
      on_skip: (error) => void skipped.push({line: lineOf(error), error: reason(error)}),
    }),
  )
  let header: readonly string[] | undefined
  let number = 0
  for await (const parsed of parser as AsyncIterable<Parsed>) {
    while (skipped[0] !== undefined && skipped[0].line < parsed.info.lines)
      yield badRow(name, skipped.shift())
    if (header === undefined) {
      header = checkedHeader(name, parsed.record)
      continue
    }
    yield rowOf(header, parsed, `${name}:${parsed.info.lines}`, number)
    number += 1
  }
  if (header === undefined)
    throw new SlmError('data-empty', `${name} has no rows`, {
      hint: 'A CSV file begins with its column names.',
    })
  for (const record of skipped) yield badRow(name, record)
}

function checkedHeader(name: string, header: readonly string[]): readonly string[] {
  if (header.some((column) => column.includes('\u0000')))
    throw new SlmError('data-format', `${name} is not a CSV file: it holds binary data`, {
      hint: 'Give a file of one of the formats Parquet, JSONL, JSON, CSV or text pairs.',
    })
  const twice = header.find((column, place) => column !== '' && header.indexOf(column) !== place)
  if (twice === undefined) return header
  throw new SlmError('data-columns', `${name} names the column "${twice}" twice`, {
    hint: 'Rename one of the two in the first line.',
  })
}

function rowOf(header: readonly string[], {record}: Parsed, position: string, number: number): SourceRow {
  if (record.length !== header.length)
    return {
      kind: 'bad',
      position,
      error: `has ${record.length} fields where the first line has ${header.length}`,
    }
  return {
    kind: 'row',
    position,
    number,
    values: Object.fromEntries(header.map((column, i) => [column, record[i]])),
  }
}

function badRow(name: string, skipped: Skipped | undefined): BadSourceRow {
  return {kind: 'bad', position: `${name}:${skipped?.line ?? 0}`, error: skipped?.error ?? ''}
}

function lineOf(error: CsvError | undefined): number {
  const lines: unknown = error?.['lines']
  return typeof lines === 'number' ? lines : 0
}

function reason(error: CsvError | undefined): string {
  return (error?.message ?? 'not a CSV record').slice(0, 200)
}
