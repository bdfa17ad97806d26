import {basename} from 'node:path'
import {z} from 'zod'
import {readRows} from '../../data/read-rows.ts'
import {SlmError} from '../../errors.ts'

/** A row of labels, and what is to be judged in it. */
export interface LabelRow {
  /** File and row, for messages. */
  readonly position: string
  /** What people said, one number for each who did. */
  readonly labels: readonly number[]
  readonly subject: LabelSubject
  /** What the column that groups rows holds; undefined without such a column. */
  readonly group?: string | undefined
}

export type LabelSubject =
  /** A verdict that was given elsewhere, on the labels' own scale. */
  | {readonly kind: 'verdict'; readonly value: number}
  /** A sample of the run that is named beside the labels. */
  | {readonly kind: 'sample'; readonly id: string; readonly task: string | undefined}
  /** A statement that a text supports or not. */
  | {readonly kind: 'statement'; readonly question: string; readonly text: string; readonly statement: string}
  /** An answer with its reference. */
  | {
      readonly kind: 'answer'
      readonly task: string | undefined
      readonly question: string
      readonly source: string | undefined
      readonly answer: string
      readonly reference: string
    }

const WORDS: Readonly<Record<string, number>> = {
  yes: 1,
  true: 1,
  supported: 1,
  correct: 1,
  no: 0,
  false: 0,
  unsupported: 0,
  'not supported': 0,
  incorrect: 0,
}

const text = z.preprocess(
  (value) => (value === '' || value === null ? undefined : value),
  z.coerce.string().optional(),
)
const number = z.preprocess((value) => {
  const word = String(value ?? '')
    .trim()
    .toLowerCase()
  return WORDS[word] ?? (word === '' ? Number.NaN : Number(word))
}, z.number())
const columns = z.looseObject({
  judge: text,
  id: text,
  task: text,
  question: text,
  source: text,
  answer: text,
  reference: text,
  statement: text,
  text: text,
})

const HINT =
  'Columns: label (and label2, label3 for further people) with numbers or yes/no, and what was judged: judge; or id (of a sample of the RUN that is named); or answer and reference; or statement and text.'

/** Reads human labels from CSV, JSON Lines, JSON or Parquet. Errors: `labels-invalid`, naming the row. */
export async function readLabels(file: string, by?: string): Promise<LabelRow[]> {
  const rows: LabelRow[] = []
  for await (const row of readRows({kind: 'rows', paths: [file]})) {
    if (row.kind === 'bad') throw invalid(row.position, row.error)
    rows.push({...labelRow(row.position, row.values), group: groupOf(row.position, row.values, by)})
  }
  if (rows.length === 0) throw invalid(basename(file), 'has no rows')
  return rows
}

function groupOf(
  position: string,
  values: Readonly<Record<string, unknown>>,
  by: string | undefined,
): string | undefined {
  if (by === undefined) return undefined
  const group = text.parse(values[by])
  if (group === undefined)
    throw invalid(position, `has nothing in the column ${by}, which is to group the rows`)
  return group
}

function labelRow(position: string, values: Readonly<Record<string, unknown>>): LabelRow {
  const given = Object.entries(values).filter(
    ([name, value]) => /^label/i.test(name) && value !== undefined && value !== null && value !== '',
  )
  const labels = given.map(([name, value]) => {
    const read = number.safeParse(value)
    if (read.success) return read.data
    throw invalid(position, `${name} is neither a number nor yes or no, got ${JSON.stringify(value)}`)
  })
  if (labels.length === 0) throw invalid(position, 'has no label')
  return {position, labels, subject: subjectOf(position, values)}
}

function subjectOf(position: string, values: Readonly<Record<string, unknown>>): LabelSubject {
  const {
    judge,
    id,
    task,
    question = '',
    source,
    answer,
    reference,
    statement,
    text: body,
  } = columns.parse(values)
  if (judge !== undefined) {
    const verdict = number.safeParse(judge)
    if (verdict.success) return {kind: 'verdict', value: verdict.data}
    throw invalid(position, `judge is neither a number nor yes or no, got ${JSON.stringify(judge)}`)
  }
  if (statement !== undefined && body !== undefined)
    return {kind: 'statement', question, text: body, statement}
  if (answer !== undefined && reference !== undefined)
    return {kind: 'answer', task, question, source, answer, reference}
  if (id !== undefined) return {kind: 'sample', id, task}
  throw invalid(position, 'does not say what was judged')
}

function invalid(position: string, what: string): SlmError {
  return new SlmError('labels-invalid', `${position}: ${what}`, {hint: HINT})
}
