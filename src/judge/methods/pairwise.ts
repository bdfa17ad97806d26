import {z} from 'zod'
import type {JudgeVote} from '../../store/judgement.ts'
import type {JudgePrompts} from '../judge-prompt-files.ts'
import type {JudgedItem} from '../judged-item.ts'
import {type Question, questionOf} from '../question.ts'
import {usageOf} from './answer-correctness.ts'
import type {Tools} from './method.ts'
import {context} from './rubric.ts'

const choiceReply = z.strictObject({reason: z.string().max(4000), better: z.enum(['A', 'B', 'tie'])})
export type Choice = z.output<typeof choiceReply>['better']

/** An item with the answer of another run to the same sample. */
export interface JudgedPair extends JudgedItem {
  readonly otherAnswer: string
}

/**
 * Which of two answers is better, asked in both orders: 1 when ours is in both, 0 when the other is, 0.5 otherwise. A judge
 * that changes its mind with the order has not told them apart (position bias, Zheng et al. 2023).
 */
export async function pairwise(pair: JudgedPair, vote: number, {prompts, ask}: Tools): Promise<JudgeVote> {
  const words = prompts(pair.task)
  if (ask === undefined) throw new Error('the pairwise judge was given no judge')
  const [first, second] = await Promise.all([
    ask(pairwiseQuestion(words, pair, pair.answer, pair.otherAnswer), vote),
    ask(pairwiseQuestion(words, pair, pair.otherAnswer, pair.answer), vote),
  ])
  if (first.status !== 'answered') return first
  if (second.status !== 'answered') return second
  const usage = usageOf([first.reply, second.reply])
  return {
    status: 'judged',
    ...pairScore(first.value.better, second.value.better),
    ...(usage === undefined ? {} : {usage}),
  }
}

/** The score of two choices; in the second one ours stood as B. */
export function pairScore(
  first: Choice,
  second: Choice,
): {readonly score: number; readonly detail: Record<string, string | boolean>} {
  const isWon = first === 'A' && second === 'B'
  const isLost = first === 'B' && second === 'A'
  const isConsistent = isWon || isLost || (first === 'tie' && second === 'tie')
  return {
    score: isWon ? 1 : isLost ? 0 : 0.5,
    detail: {oursFirst: first, oursSecond: second, isConsistent},
  }
}

export function pairwiseQuestion(
  prompts: JudgePrompts,
  item: JudgedItem,
  A: string,
  B: string,
): Question<z.output<typeof choiceReply>> {
  const {rubric, pairwise: part} = prompts.task
  return questionOf(prompts, {
    name: 'choice',
    instruction: prompts.instructions.pairwise,
    particulars: [`Criteria. ${part.criteria}`],
    examples: part.examples,
    input: {question: item.question, ...context(rubric.shows, item), A, B},
    schema: choiceReply,
    typical: {reason: 'Both say the same, but one of them leaves out a part of the reference.', better: 'A'},
  })
}
