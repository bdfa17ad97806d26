import {basename} from 'node:path'
import {linesOf} from './lines.ts'
import {isRecord, type SourceRow} from './source-row.ts'

/** Rows of a JSON Lines file, one object on each line; empty lines are skipped. */
export async function* jsonlRows(path: string): AsyncGenerator<SourceRow, void, void> {
  const name = basename(path)
  let number = 0
  for await (const line of linesOf(path)) {
    const position = `${name}:${line.number}`
    if (line.text !== undefined && line.text.trim() === '') continue
    const parsed = line.text === undefined ? {error: 'the line is not UTF-8'} : parse(line.text)
    if ('error' in parsed) yield {kind: 'bad', position, error: parsed.error}
    else yield {kind: 'row', position, number, values: parsed.values}
    number += 1
  }
}

function parse(text: string): {values: Record<string, unknown>} | {error: string} {
  try {
    const values: unknown = JSON.parse(text)
    return isRecord(values) ? {values} : {error: 'the line is JSON, but not an object'}
  } catch (error) {
    return {
      error: `the line is not JSON: ${String(error instanceof Error ? error.message : error).slice(0, 120)}`,
    }
  }
}
