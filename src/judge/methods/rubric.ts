import {z} from 'zod'
import type {JudgeVote} from '../../store/judgement.ts'
import type {JudgePrompts} from '../judge-prompt-files.ts'
import {type JudgedItem, nearestReference} from '../judged-item.ts'
import {type Question, questionOf} from '../question.ts'
import {usageOf} from './answer-correctness.ts'
import type {Tools} from './method.ts'

const ratingReply = z.strictObject({
  reason: z.string().max(4000),
  rating: z.literal([1, 2, 3, 4, 5]),
})

/**
 * A rating from 1 to 5 by the task's criteria and evaluation steps, reason first (G-Eval, Liu et al. 2023, with the steps
 * written by hand instead of by the judge), mapped to 0..1 as (rating - 1) / 4.
 */
export async function rubric(item: JudgedItem, vote: number, {prompts, ask}: Tools): Promise<JudgeVote> {
  if (ask === undefined) throw new Error('the rubric was given no judge')
  const answer = await ask(rubricQuestion(prompts(item.task), item), vote)
  if (answer.status !== 'answered') return answer
  const usage = usageOf([answer.reply])
  return {
    status: 'judged',
    score: ratingScore(answer.value.rating),
    detail: {...answer.value},
    ...(usage === undefined ? {} : {usage}),
  }
}

/** 1 to 5 (or a weighted mean of them) as 0..1. */
export function ratingScore(rating: number): number {
  return (rating - 1) / 4
}

export function rubricQuestion(
  prompts: JudgePrompts,
  item: JudgedItem,
): Question<z.output<typeof ratingReply>> {
  const {rubric: part} = prompts.task
  return questionOf(prompts, {
    name: 'rating',
    instruction: prompts.instructions.rubric,
    particulars: rubricParticulars(prompts),
    examples: part.examples,
    input: rubricInput(prompts, item),
    schema: ratingReply,
    typical: {
      reason: 'The answer gives what was asked for, but leaves out a part of the reference.',
      rating: 4,
    },
  })
}

/** Criteria, steps and scale in words. */
export function rubricParticulars({task}: JudgePrompts): string[] {
  const {criteria, steps, scores} = task.rubric
  return [
    `Criteria. ${criteria}`,
    `Evaluation steps:\n${steps.map((step, at) => `${at + 1}. ${step}`).join('\n')}`,
    `Ratings:\n${Object.entries(scores)
      .map(([rating, meaning]) => `${rating}: ${meaning}`)
      .join('\n')}`,
  ]
}

export function rubricInput({task}: JudgePrompts, item: JudgedItem): object {
  return {question: item.question, ...context(task.rubric.shows, item), answer: item.answer}
}

/** What a judge sees beside question and answer. */
export function context(shows: readonly ('source' | 'reference')[], item: JudgedItem): object {
  const reference = nearestReference(item)
  return {
    ...(shows.includes('source') && item.source !== undefined ? {source: item.source} : {}),
    ...(shows.includes('reference') && reference !== undefined ? {reference} : {}),
  }
}
