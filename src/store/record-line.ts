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
  const checked = record.safeParse(value)
  if (checked.success) return checked.data
  const issue = checked.error.issues[0]
  throw refuse(`is not a sample record: ${issue?.path.join('.') || 'status'}: ${issue?.message ?? 'unknown'}`)
}
