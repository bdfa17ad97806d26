import type {JudgeVote} from '../../store/judgement.ts'
import type {ChatMessage} from '../../tokenizer/tokenizer.ts'
import {dataJson} from '../data-json.ts'
import type {JudgePrompts} from '../judge-prompt-files.ts'
import {type JudgedItem, nearestReference} from '../judged-item.ts'
import {type TrainedJudge, trainedPrompt} from '../local/trained-judge.ts'
import {sentencesOf} from '../sentences.ts'
import {correctnessScore, statementScore} from './answer-correctness.ts'
import type {Tools, Weigh} from './method.ts'
import {type JudgedPair, pairScore} from './pairwise.ts'
import {context, ratingScore, rubricInput, rubricParticulars} from './rubric.ts'

/**
 * Answer correctness by a judge that cannot write: texts are split into sentences (lines for code) by rule, and a statement
 * counts as supported when the word for it is likelier than the other. The score is the same formula.
 */
export async function correctnessByLikelihood(
  item: JudgedItem,
  _vote: number,
  {prompts, weigh, similarity, trained}: Tools,
): Promise<JudgeVote> {
  if (weigh === undefined) throw new Error('answer correctness was given no judge')
  const words = prompts(item.task)
  const reference = nearestReference(item)!
  const split = (text: string): string[] => sentencesOf(text, words.task.statements.unit)
  const support = (statements: readonly string[], text: string) =>
    supportOf(
      statements.map((statement) =>
        supportQuestion(words, trained, {text, question: item.question, statement}),
      ),
      weigh,
    )
  const answer = await support(split(item.answer), reference)
  if (answer.status !== 'answered') return answer
  const expected = await support(split(reference), item.answer)
  if (expected.status !== 'answered') return expected
  const alike = similarity === undefined ? undefined : await similarity(item.answer, reference)
  if (alike !== undefined && alike.status !== 'answered') return alike
  const {f1, ...counts} = statementScore({answer: answer.verdicts, reference: expected.verdicts})
  return {
    status: 'judged',
    score: correctnessScore(f1, alike?.cosine),
    detail: {
      answerStatements: split(item.answer),
      referenceStatements: split(reference),
      supported: {answer: answer.probabilities, reference: expected.probabilities},
      ...counts,
      f1,
      ...(alike === undefined ? {} : {similarity: alike.cosine}),
    },
  }
}

async function supportOf(questions: readonly SupportQuestion[], weigh: Weigh) {
  const probabilities: number[] = []
  for (const weighed of await Promise.all(questions.map(({messages, words}) => weigh(messages, words)))) {
    if (weighed.status !== 'answered') return weighed
    probabilities.push(weighed.probabilities[0]!)
  }
  const verdicts = probabilities.map((value, at) => ({index: at + 1, reason: '', supported: value > 0.5}))
  return {status: 'answered', probabilities, verdicts} as const
}

export interface SupportQuestion {
  readonly messages: ChatMessage[]
  /** Supported, and not. */
  readonly words: readonly [string, string]
}

/**
 * Whether a text supports a statement: the one question of a judge by likelihood that needs no task, in our words or in
 * those that the judge was trained with.
 */
export function supportQuestion(
  {instructions}: JudgePrompts,
  trained: TrainedJudge | undefined,
  input: {readonly question: string; readonly text: string; readonly statement: string},
): SupportQuestion {
  if (trained !== undefined)
    return {messages: [{role: 'user', content: trainedPrompt(trained, input)}], words: trained.verdicts}
  const {likelihood, data} = instructions
  const content = `${data}\n\n${dataJson(input)}\n\n${likelihood.supported}`
  return {messages: [{role: 'user', content}], words: likelihood.supportedWords}
}

/** G-Eval's score: the mean of the ratings, weighted by their probabilities, mapped to 0..1. */
export async function rubricByLikelihood(
  item: JudgedItem,
  _vote: number,
  {prompts, weigh}: Tools,
): Promise<JudgeVote> {
  if (weigh === undefined) throw new Error('the rubric was given no judge')
  const weighed = await weigh(ratingMessages(prompts(item.task), item), ['1', '2', '3', '4', '5'])
  if (weighed.status !== 'answered') return weighed
  const rating = weighed.probabilities.reduce((sum, probability, at) => sum + probability * (at + 1), 0)
  return {
    status: 'judged',
    score: Math.min(1, Math.max(0, ratingScore(rating))),
    detail: {rating, probabilities: [...weighed.probabilities]},
  }
}

export function ratingMessages(prompts: JudgePrompts, item: JudgedItem): ChatMessage[] {
  const {instructions, task} = prompts
  return [
    {
      role: 'user',
      content: [
        instructions.rubric,
        `The task: ${task.describes}`,
        ...rubricParticulars(prompts),
        instructions.data,
        dataJson(rubricInput(prompts, item)),
        instructions.likelihood.rating,
      ].join('\n\n'),
    },
  ]
}

/** Both orders; in each the likelier letter is the choice. */
export async function pairwiseByLikelihood(
  pair: JudgedPair,
  _vote: number,
  {prompts, weigh}: Tools,
): Promise<JudgeVote> {
  if (weigh === undefined) throw new Error('the pairwise judge was given no judge')
  const choose = async (A: string, B: string) => {
    const weighed = await weigh(pairMessages(prompts(pair.task), pair, A, B), ['A', 'B'])
    if (weighed.status !== 'answered') return weighed
    return {status: 'answered', choice: weighed.probabilities[0]! > 0.5 ? 'A' : 'B'} as const
  }
  const first = await choose(pair.answer, pair.otherAnswer)
  if (first.status !== 'answered') return first
  const second = await choose(pair.otherAnswer, pair.answer)
  if (second.status !== 'answered') return second
  return {status: 'judged', ...pairScore(first.choice, second.choice)}
}

export function pairMessages(prompts: JudgePrompts, pair: JudgedPair, A: string, B: string): ChatMessage[] {
  const {instructions, task} = prompts
  return [
    {
      role: 'user',
      content: [
        instructions.pairwise,
        `Criteria. ${task.pairwise.criteria}`,
        instructions.data,
        dataJson({question: pair.question, ...context(task.rubric.shows, pair), A, B}),
        instructions.likelihood.pairwise,
      ].join('\n\n'),
    },
  ]
}
