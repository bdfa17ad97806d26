import {SlmError} from '../errors.ts'
import {type LocatedData, locateData} from './locate-data.ts'
import {samplesOf} from './read-samples.ts'
import type {Shortcut} from './shortcut-schema.ts'
import type {Task, TaskRow} from './task.ts'

/** What a policy says to a row: one text, or several of which it says any, each as likely as the others. Never empty. */
export type AnswersTo = (row: TaskRow) => readonly string[]

/** Where the policy's rows are. */
export interface ShortcutRows {
  readonly located: LocatedData
  readonly limit?: number | undefined
}

/** Opens a policy: reads what it needs beyond a row's fields. Throws what a person can mend, such as absent training data. */
export async function shortcutAnswers(
  task: Task,
  shortcut: Shortcut,
  {located, limit}: ShortcutRows,
): Promise<AnswersTo> {
  switch (shortcut.policy) {
    case 'copy':
      return ({fields}) => [fields[shortcut.field] ?? '']
    case 'lead':
      return ({fields}) => [firstSentence(fields[shortcut.field] ?? '')]
    case 'abstain':
      return () => ['']
    case 'majority': {
      const answer = await mostCommonAnswer(task, shortcut.split)
      return () => [answer]
    }
    case 'random':
    case 'ceiling':
      return answersInColumn(task, shortcut.column, {located, limit})
  }
}

/** Up to the first full stop, question or exclamation mark that a space follows, or the first line break. */
export function firstSentence(text: string): string {
  const line = text.trim().split(/[\r\n]/, 1)[0]!
  const end = /[.!?]["'”’)\]]*\s/.exec(line)
  return end === null ? line : line.slice(0, end.index + end[0].trimEnd().length)
}

/** The first reference that most rows have, an empty one counted; of equals the first to come. */
async function mostCommonAnswer(task: Task, split: string): Promise<string> {
  const counts = new Map<string, number>()
  for await (const result of samplesOf(task, await locateData(task, {split})))
    if (result.kind === 'row') {
      const answer = result.row.references[0] ?? ''
      counts.set(answer, (counts.get(answer) ?? 0) + 1)
    }
  const most = Math.max(...counts.values())
  return [...counts].find(([, count]) => count === most)![0]
}

/** The texts of a column by row: read as though they were the references. */
async function answersInColumn(
  task: Task,
  column: string,
  {located, limit}: ShortcutRows,
): Promise<AnswersTo> {
  const asReferences = {...task, columns: {...task.columns, references: column}, noAnswer: ''}
  const answers = new Map<string, readonly string[]>()
  for await (const result of samplesOf(asReferences, located, limit)) {
    if (result.kind === 'bad') continue
    const {id, references} = result.row
    answers.set(id, references.length === 0 ? [''] : references)
  }
  return ({id}) => {
    const found = answers.get(id)
    if (found === undefined) throw new SlmError('shortcut-column', `row ${id} has no column "${column}"`)
    return found
  }
}
