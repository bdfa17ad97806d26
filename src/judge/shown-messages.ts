import type {JudgeMethod} from '../config/judge-config.ts'
import type {ChatMessage} from '../tokenizer/tokenizer.ts'
import type {JudgePrompts} from './judge-prompt-files.ts'
import {nearestReference, scoreByRule} from './judged-item.ts'
import {statementsQuestion, verdictsQuestion} from './methods/answer-correctness.ts'
import {pairMessages, ratingMessages, supportQuestion} from './methods/by-likelihood.ts'
import {type JudgedPair, pairwiseQuestion} from './methods/pairwise.ts'
import {rubricQuestion} from './methods/rubric.ts'
import {sentencesOf} from './sentences.ts'

/** One question as the judge gets it. */
export interface ShownQuestion {
  readonly step: string
  readonly messages: readonly ChatMessage[]
}

/**
 * The very messages that a judge of this method gets for an item; none where a rule scores it. Statements, which come from
 * the judge itself, stand as sentences here.
 */
export function shownMessages(
  item: JudgedPair,
  method: JudgeMethod,
  verdict: 'json' | 'likelihood',
  prompts: JudgePrompts,
): ShownQuestion[] {
  if (method === 'similarity' || scoreByRule(item) !== undefined) return []
  return verdict === 'json' ? written(item, method, prompts) : weighed(item, method, prompts)
}

function written(item: JudgedPair, method: JudgeMethod, prompts: JudgePrompts): ShownQuestion[] {
  const {question, answer, otherAnswer} = item
  if (method === 'rubric') return [{step: 'rating', ...rubricQuestion(prompts, item)}]
  if (method === 'pairwise')
    return [
      {step: 'choice, first order', ...pairwiseQuestion(prompts, item, answer, otherAnswer)},
      {step: 'choice, second order', ...pairwiseQuestion(prompts, item, otherAnswer, answer)},
    ]
  const reference = nearestReference(item) ?? ''
  const ours = statementsQuestion(prompts, question, answer, 'answer')
  const theirs = statementsQuestion(prompts, question, reference, 'reference')
  const verdicts = verdictsQuestion(prompts, question, ours.typical.statements, theirs.typical.statements)
  return [ours, theirs, verdicts].map(({name, messages}) => ({step: name, messages}))
}

function weighed(item: JudgedPair, method: JudgeMethod, prompts: JudgePrompts): ShownQuestion[] {
  if (method === 'rubric') return [{step: 'rating', messages: ratingMessages(prompts, item)}]
  if (method === 'pairwise')
    return [{step: 'choice', messages: pairMessages(prompts, item, item.answer, item.otherAnswer)}]
  const {unit} = prompts.task.statements
  const reference = nearestReference(item) ?? ''
  const support = (text: string, statements: readonly string[], of: string): ShownQuestion[] =>
    statements.map((statement, at) => ({
      step: `statement ${at + 1} of the ${of}`,
      messages: supportQuestion(prompts, undefined, {question: item.question, text, statement}).messages,
    }))
  return [
    ...support(reference, sentencesOf(item.answer, unit), 'answer'),
    ...support(item.answer, sentencesOf(reference, unit), 'reference'),
  ]
}
