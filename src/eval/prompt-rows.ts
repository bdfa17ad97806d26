import {createInterface} from 'node:readline'
import {z} from 'zod'
import {jsonlRows} from '../data/jsonl-rows.ts'
import type {SourceRow} from '../data/source-row.ts'
import {SlmError} from '../errors.ts'

/** A prompt as `slm generate` takes it, or why its line is none. */
export type PromptRow =
  | {readonly kind: 'text'; readonly id: string | number; readonly text: string}
  | {readonly kind: 'ids'; readonly id: string | number; readonly ids: readonly number[]}
  | {readonly kind: 'bad'; readonly id: string | number; readonly error: string}

const promptSchema = z.object({
  id: z.union([z.string(), z.number()]).optional(),
  text: z.string().optional(),
  ids: z.array(z.int().nonnegative()).optional(),
})

/** Rows of a JSON Lines file, or of standard input for `-`. A row without an id is named by its position. */
export async function* promptRows(
  file: string,
  input: NodeJS.ReadableStream,
): AsyncGenerator<PromptRow, void, void> {
  try {
    for await (const row of file === '-' ? linesOfStream(input) : jsonlRows(file)) yield promptRow(row)
  } catch (cause) {
    if (cause instanceof SlmError) throw cause
    throw new SlmError('prompts-missing', `${file} cannot be read`, {
      hint: 'Give a JSON Lines file of rows {"id","text"} or {"id","ids"}, or - for standard input.',
      cause,
    })
  }
}

function promptRow(row: SourceRow): PromptRow {
  if (row.kind === 'bad') return {kind: 'bad', id: row.position, error: row.error}
  const checked = promptSchema.safeParse(row.values)
  if (!checked.success) {
    const issue = checked.error.issues[0]
    return {
      kind: 'bad',
      id: row.position,
      error: `${issue?.path.join('.') ?? 'the row'}: ${issue?.message ?? 'not a prompt'}`,
    }
  }
  const {id = row.position, text, ids} = checked.data
  if (ids !== undefined && text === undefined) return {kind: 'ids', id, ids}
  if (text !== undefined && ids === undefined) return {kind: 'text', id, text}
  return {kind: 'bad', id, error: 'a row has either "text" or "ids"'}
}

async function* linesOfStream(input: NodeJS.ReadableStream): AsyncGenerator<SourceRow, void, void> {
  let number = 0
  for await (const line of createInterface({input, crlfDelay: Number.POSITIVE_INFINITY})) {
    number += 1
    const position = `stdin:${number}`
    if (line.trim() === '') continue
    try {
      const values: unknown = JSON.parse(line)
      const record = z.record(z.string(), z.unknown()).safeParse(values)
      yield record.success
        ? {kind: 'row', position, number: number - 1, values: record.data}
        : {kind: 'bad', position, error: 'the line is JSON, but not an object'}
    } catch {
      yield {kind: 'bad', position, error: 'the line is not JSON'}
    }
  }
}
