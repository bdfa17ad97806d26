import type {JudgeMethod} from '../../config/judge-config.ts'
import {SlmError} from '../../errors.ts'
import type {Judgement} from '../../store/judgement.ts'
import {readJudgements, readJudges} from '../../store/judgement-files.ts'
import type {NotJudged} from '../judge.ts'
import {judgeItem} from '../judge-item.ts'
import type {JudgePrompts} from '../judge-prompt-files.ts'
import {verdictsQuestion} from '../methods/answer-correctness.ts'
import {supportQuestion} from '../methods/by-likelihood.ts'
import type {OpenedMethod} from '../methods/catalogue.ts'
import type {Tools} from '../methods/method.ts'
import type {LabelSubject} from './label-rows.ts'

/** A judge's word on one labelled row: 0..1, or on the labels' own scale where it was given elsewhere. */
export type JudgedLabel =
  | {readonly status: 'judged'; readonly value: number; readonly isOnLabelScale: boolean}
  | NotJudged

/** Judges an answer or a statement that stands in the file of labels itself. */
export async function judgeSubject(
  subject: Extract<LabelSubject, {kind: 'answer' | 'statement'}>,
  method: OpenedMethod,
  votes: number,
  tools: Tools,
): Promise<JudgedLabel> {
  if (subject.kind === 'statement') return judgeStatement(subject, tools)
  const {task = 'any', question, source, answer, reference} = subject
  const item = {task, id: '', index: 0, question, source, answer, references: [reference], otherAnswer: ''}
  const judgement = await judgeItem(item, method, {id: '', votes}, tools)
  return judgement.status === 'judged'
    ? {status: 'judged', value: judgement.score, isOnLabelScale: false}
    : {status: judgement.status, why: judgement.why}
}

async function judgeStatement(
  {question, text, statement}: Extract<LabelSubject, {kind: 'statement'}>,
  {prompts, ask, weigh, trained}: Tools,
): Promise<JudgedLabel> {
  const words: JudgePrompts = prompts('any')
  if (weigh !== undefined) {
    const asked = supportQuestion(words, trained, {question, text, statement})
    const weighed = await weigh(asked.messages, asked.words)
    if (weighed.status !== 'answered') return weighed
    return {status: 'judged', value: weighed.probabilities[0]!, isOnLabelScale: false}
  }
  if (ask === undefined) throw new Error('a statement was given no judge')
  const answer = await ask(verdictsQuestion(words, question, [statement], [text]), 0)
  if (answer.status !== 'answered') return answer
  return {status: 'judged', value: answer.value.answer[0]!.supported ? 1 : 0, isOnLabelScale: false}
}

/** What a judge said of the samples of a run, by id and by task and id. */
export async function judgedSamples(
  folder: string,
  method: JudgeMethod,
  judgeId: string | undefined,
): Promise<(subject: Extract<LabelSubject, {kind: 'sample'}>) => JudgedLabel> {
  const cards = (await readJudges(folder)).filter(
    (card) => card.method === method && (judgeId === undefined || card.id === judgeId),
  )
  const [card, ...others] = cards
  if (card === undefined)
    throw new SlmError(
      'not-judged',
      `${folder} was not judged by ${method}${judgeId === undefined ? '' : ` of ${judgeId}`}`,
      {
        hint: `Run slm judge ${folder} --methods ${method} first.`,
      },
    )
  if (others.length > 0)
    throw new SlmError('judge-ambiguous', `${folder} was judged by ${cards.length} judges of ${method}`, {
      hint: `Choose one with --judge-id: ${cards.map(({id}) => id).join(', ')} (judges.json describes them).`,
    })
  const found: Judgement[] = []
  for await (const judgement of readJudgements(folder)) if (judgement.judge === card.id) found.push(judgement)
  return ({id, task}) => {
    const judgement = found.find((one) => one.id === id && (task === undefined || one.task === task))
    if (judgement === undefined) return {status: 'failed', why: 'the judge was not asked about this sample'}
    return judgement.status === 'judged'
      ? {status: 'judged', value: judgement.score, isOnLabelScale: false}
      : {status: judgement.status, why: judgement.why}
  }
}
