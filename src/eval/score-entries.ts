import {readFile, stat} from 'node:fs/promises'
import {basename, extname} from 'node:path'
import {z} from 'zod'
import {jsonlRows} from '../data/jsonl-rows.ts'
import {linesOf} from '../data/lines.ts'
import {isRecord} from '../data/source-row.ts'
import {SlmError} from '../errors.ts'

/** One row of a predictions or references file. */
export interface ScoreEntry<Value> {
  readonly id: string
  readonly value: Value
  /** Where it stands, as a message shows it: `predictions.jsonl:17`. */
  readonly place: string
}

/** What a file gives: rows with ids, or lines whose number says what they belong to. */
export interface ScoreEntries<Value> {
  readonly kind: 'by-id' | 'by-line'
  readonly file: string
  /** In file order; a line's id is its number, counted from 0 as rows of data are. */
  readonly entries: readonly ScoreEntry<Value>[]
}

/** Which values a file may hold, and under which name. */
export interface EntryForm<Value> {
  readonly key: 'prediction' | 'references'
  readonly value: z.ZodType<Value>
  readonly ofLine: (line: string) => Value
}

export const PREDICTIONS: EntryForm<string> = {
  key: 'prediction',
  value: z.string({error: 'must be a text'}),
  ofLine: (line) => line,
}

export const REFERENCES: EntryForm<readonly string[]> = {
  key: 'references',
  value: z.array(z.string({error: 'must be a text'}), {error: 'must be a list of texts'}),
  ofLine: (line) => [line],
}

/** A whole JSON document is held in memory; JSON Lines has no such limit. */
const LARGEST_DOCUMENT_BYTES = 2 ** 28

/**
 * Reads a file in one of its natural forms: JSON Lines `{"id", "prediction"}`, SQuAD's one JSON object of id to value
 * (`.json`), or plain text with one value a line, as CodeXGLUE's evaluator takes it. Ids that are numbers equal the same
 * ids as texts.
 */
export async function readScoreEntries<Value>(
  path: string,
  form: EntryForm<Value>,
): Promise<ScoreEntries<Value>> {
  const file = basename(path)
  const entries: ScoreEntry<Value>[] = []
  const kind = await formOf(path)
  if (kind === 'document') entries.push(...documentEntries(file, await readFile(path), form))
  else if (kind === 'lines')
    for await (const {number, text} of linesOf(path)) {
      const place = `${file}:${number}`
      if (text === undefined) throw broken(`${place}: the line is not UTF-8`)
      entries.push({id: String(number - 1), value: form.ofLine(text), place})
    }
  else
    for await (const row of jsonlRows(path)) {
      if (row.kind === 'bad') throw broken(`${row.position}: ${row.error}`)
      entries.push(rowEntry(row.values, row.position, form))
    }
  if (entries.length === 0) throw broken(`${file} holds no ${form.key}`)
  refuseDuplicates(entries)
  return {kind: kind === 'lines' ? 'by-line' : 'by-id', file, entries}
}

async function formOf(path: string): Promise<'rows' | 'document' | 'lines'> {
  const found = await stat(path).catch((cause: unknown) => {
    throw new SlmError('file-missing', `${path} cannot be read`, {hint: 'Check the path.', cause})
  })
  if (!found.isFile()) throw new SlmError('file-missing', `${path} is not a file`, {hint: 'Check the path.'})
  const extension = extname(path).toLowerCase()
  if (extension === '.jsonl' || extension === '.ndjson') return 'rows'
  if (found.size > LARGEST_DOCUMENT_BYTES)
    throw broken(`${basename(path)} has ${found.size} bytes: too large to read as a whole`)
  // JSON Lines under another name is told by its first line: a whole row with an id.
  for await (const row of jsonlRows(path)) {
    if (row.kind === 'row' && Object.hasOwn(row.values, 'id')) return 'rows'
    break
  }
  return extension === '.json' ? 'document' : 'lines'
}

function documentEntries<Value>(file: string, bytes: Buffer, form: EntryForm<Value>): ScoreEntry<Value>[] {
  const document = parsed(file, bytes)
  if (Array.isArray(document))
    return document.map((row: unknown, index) => rowEntry(row, `${file}, row ${index + 1}`, form))
  if (!isRecord(document)) throw broken(`${file} is JSON, but neither an object of ids nor a list of rows`)
  return Object.entries(document).map(([id, value]) => {
    const place = `${file}, id ${JSON.stringify(id)}`
    return {id, value: checked(form.value, value, place), place}
  })
}

function parsed(file: string, bytes: Buffer): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', {fatal: true}).decode(bytes))
  } catch (cause) {
    throw broken(`${file} is not JSON: ${cause instanceof Error ? cause.message.slice(0, 120) : cause}`)
  }
}

const ID_ERROR = {error: 'must be a text, or a number that JSON keeps exactly'}
const ID = z
  .union([z.string().min(1), z.number()], ID_ERROR)
  .refine((id) => !Number.isInteger(id) || Number.isSafeInteger(id), ID_ERROR)

function rowEntry<Value>(row: unknown, place: string, form: EntryForm<Value>): ScoreEntry<Value> {
  const {id, [form.key]: value} = checked(z.looseObject({id: ID}), row, place)
  return {id: String(id), value: checked(form.value, value, `${place}: ${form.key}`), place}
}

function checked<Value>(schema: z.ZodType<Value>, value: unknown, place: string): Value {
  const result = schema.safeParse(value)
  if (result.success) return result.data
  const {path, message} = result.error.issues[0]!
  throw broken(`${place}${path.length > 0 ? `: ${path.join('.')}` : ''} ${message}`)
}

function refuseDuplicates(entries: readonly ScoreEntry<unknown>[]): void {
  const seen = new Map<string, string>()
  for (const {id, place} of entries) {
    const before = seen.get(id)
    if (before !== undefined)
      throw broken(`${place}: the id ${JSON.stringify(id)} stands already at ${before}`)
    seen.set(id, place)
  }
}

function broken(message: string): SlmError {
  return new SlmError('score-input', message, {
    hint: 'Rows are {"id", "prediction"} and {"id", "references": [...]}, one JSON object a line; an object of id to text (.json) and plain lines (.txt) can be read too. A file in the task\'s own format goes to --data.',
  })
}
