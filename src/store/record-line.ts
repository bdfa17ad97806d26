import {z} from 'zod'
import {SlmError} from '../errors.ts'
import type {SampleRecord} from './record.ts'

const ids = z.array(z.int().nonnegative())
const count = z.int().nonnegative()
const milliseconds = z.number().nonnegative()

const scored = z.object({
  status: z.literal('scored'),
  task: z.string(),
  id: z.string(),
  index: count,
  prompt: z.string(),
  promptIds: ids,
  newIds: ids,
  text: z.string(),
  answer: z.string(),
  references: z.array(z.string()),
  scores: z.record(z.string(), z.number()),
  finish: z.enum(['end-token', 'stop-string', 'length']),
  truncatedTokens: count,
  timing: z.object({firstTokenMs: milliseconds, totalMs: milliseconds}),
})

const failed = z.object({
  status: z.literal('failed'),
  task: z.string(),
  id: z.string(),
  index: count,
  promptTokens: count,
  stage: z.enum(['data', 'prompt', 'decode', 'score']),
  error: z.string(),
})

const record = z.discriminatedUnion('status', [scored, failed])

/** One line of samples.jsonl, its newline included: keys in a fixed order, `timing` last. */
export function recordLine(value: SampleRecord): string {
  return `${JSON.stringify(record.parse(value))}\n`
}

/** The record of one line; a line that is no record is refused with its place. */
export function parseRecord(line: string, file: string, lineNumber: number): SampleRecord {
  return parsedLine(record, line, file, lineNumber)
}

/** A record without its prompt, text and prompt ids: what comparisons of whole runs read. */
export type ScoreRecord = z.output<typeof scoreRecord>
const scoreRecord = z.discriminatedUnion('status', [
  scored.omit({prompt: true, promptIds: true, text: true, truncatedTokens: true}),
  failed,
])
const PROMPT = ',"prompt":"'
const PROMPT_IDS = '","promptIds":['

/**
 * As `parseRecord`, at a third of its cost: the prompt and its ids are cut out unread. A quote inside a JSON string is always
 * escaped, so what is found can only be keys.
 */
export function parseScores(line: string, file: string, lineNumber: number): ScoreRecord {
  const from = line.indexOf(PROMPT)
  const ids = from === -1 ? -1 : line.indexOf(PROMPT_IDS, from)
  const end = ids === -1 ? -1 : line.indexOf(']', ids)
  const short = end === -1 ? line : line.slice(0, from) + line.slice(end + 1)
  return parsedLine(scoreRecord, short, file, lineNumber)
}

function parsedLine<Schema extends z.ZodType>(
  schema: Schema,
  line: string,
  file: string,
  lineNumber: number,
): z.output<Schema> {
  const refuse = (why: string): SlmError =>
    new SlmError('run-damaged', `${file}:${lineNumber}: ${why}`, {
      hint: 'The file was changed by something else than slm: restore it, or remove the run folder and run again.',
    })
  let value: unknown
  try {
    value = JSON.parse(line)
  } catch {
    throw refuse('is not JSON')
  }
  const checked = schema.safeParse(value)
  if (checked.success) return checked.data
  const issue = checked.error.issues[0]
  throw refuse(`is not a sample record: ${issue?.path.join('.') || 'status'}: ${issue?.message ?? 'unknown'}`)
}
