import {z} from 'zod'
import {SlmError} from '../errors.ts'
import type {FailedRecord, SampleRecord, ScoredRecord} from './record.ts'

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
  kind: z.string().optional(),
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

/** A record without prompt, text and token ids: what comparisons of whole runs read. */
export type ScoreRecord =
  | (Omit<ScoredRecord, 'prompt' | 'promptIds' | 'newIds' | 'text' | 'truncatedTokens'> & {
      readonly newTokens: number
    })
  | FailedRecord
const scoredShort = scored.omit({
  prompt: true,
  promptIds: true,
  newIds: true,
  text: true,
  truncatedTokens: true,
})
const shortRecord = z.discriminatedUnion('status', [scoredShort, failed])
const [PROMPT, NEW_IDS, ANSWER] = [',"prompt":"', '],"newIds":[', '","answer":"']

/**
 * As `parseRecord`, at a third of its cost: of a line in the order in which we write it, all from the prompt to the text is cut
 * out unread, but for the count of new tokens. A quote inside a JSON string is always escaped, so what is found can only be
 * keys.
 */
export function parseScores(line: string, file: string, lineNumber: number): ScoreRecord {
  const from = line.indexOf(PROMPT)
  const ids = from === -1 ? -1 : line.indexOf(NEW_IDS, from)
  const end = ids === -1 ? -1 : line.indexOf(ANSWER, ids)
  if (end === -1) {
    const whole = parseRecord(line, file, lineNumber)
    return whole.status === 'failed' ? whole : {...whole, newTokens: whole.newIds.length}
  }
  const short = parsedLine(shortRecord, line.slice(0, from) + line.slice(end + 1), file, lineNumber)
  return short.status === 'failed' ? short : {...short, newTokens: countIds(line, ids + NEW_IDS.length)}
}

/** How many numbers stand from here to the next bracket. */
function countIds(line: string, from: number): number {
  const end = line.indexOf(']', from)
  if (end <= from) return 0
  let count = 1
  for (let at = line.indexOf(',', from); at !== -1 && at < end; at = line.indexOf(',', at + 1)) count++
  return count
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
