import type {JudgeTask, PromptPiece} from '../config/judge-prompts.ts'
import {rougeL} from '../metrics/rouge-l.ts'
import {bestOfReferences} from '../metrics/rouge-metric.ts'
import type {ScoredRecord} from '../store/record.ts'

/** What is judged: one answer with what was asked. */
export interface JudgedItem {
  readonly task: string
  readonly id: string
  readonly index: number
  readonly question: string
  readonly source: string | undefined
  readonly answer: string
  /** Empty for a question that has no answer. */
  readonly references: readonly string[]
}

/** A sample of a run as a judge sees it; the prompt that the run recorded gives question and source. */
export function itemOf(
  record: Pick<ScoredRecord, 'task' | 'id' | 'index' | 'prompt' | 'answer' | 'references'>,
  prompts: JudgeTask,
): JudgedItem {
  const {task, id, index, prompt, answer, references} = record
  return {
    task,
    id,
    index,
    question: pieceOf(prompt, prompts.question, 'first'),
    source: prompts.source === undefined ? undefined : pieceOf(prompt, prompts.source, 'last'),
    answer,
    references,
  }
}

/** A question ends at the first closing marker, a source, which stands last and may hold anything, at the last one. */
function pieceOf(prompt: string, piece: PromptPiece, end: 'first' | 'last'): string {
  if (piece === 'prompt') return prompt.trim()
  if ('text' in piece) return piece.text
  const start = prompt.indexOf(piece.after)
  if (start === -1) return prompt.trim()
  const from = start + piece.after.length
  const {before} = piece
  if (before === undefined) return prompt.slice(from).trim()
  const to = end === 'first' ? prompt.indexOf(before, from) : prompt.lastIndexOf(before)
  return prompt.slice(from, to < from ? undefined : to).trim()
}

/**
 * The reference that an answer is judged against: the one nearest by ROUGE-L, the first of equals. The judge sees one
 * reference as in Ragas, and RL takes its best one too.
 */
export function nearestReference({answer, references}: JudgedItem): string | undefined {
  const filled = references.filter((reference) => reference.trim() !== '')
  const [first, ...others] = filled
  if (first === undefined || others.length === 0) return first
  const f = (reference: string): number => rougeL(answer, reference, false).f
  const best = bestOfReferences(answer, [first, ...others], (text, reference) =>
    rougeL(text, reference, false),
  ).f
  return filled.find((reference) => f(reference) === best)
}

/** A score that follows from what is empty, without a judge; undefined where there is something to judge. */
export function scoreByRule(item: JudgedItem): {readonly score: number; readonly rule: string} | undefined {
  const isAnswered = item.answer.trim() !== ''
  if (nearestReference(item) === undefined)
    return isAnswered ? {score: 0, rule: 'answered-unanswerable'} : {score: 1, rule: 'rightly-empty'}
  return isAnswered ? undefined : {score: 0, rule: 'empty-answer'}
}
