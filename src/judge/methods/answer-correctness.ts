import {z} from 'zod'
import type {JudgeVote, TokenUsage} from '../../store/judgement.ts'
import type {StoredReply} from '../judge.ts'
import type {JudgePrompts} from '../judge-prompt-files.ts'
import {type JudgedItem, nearestReference} from '../judged-item.ts'
import {type Question, questionOf} from '../question.ts'
import {sentencesOf} from '../sentences.ts'
import type {Ask, Tools} from './method.ts'

/** Weight of the statements' F1 and of the similarity: Ragas 0.4.3, `AnswerCorrectness.weights`. */
export const CORRECTNESS_WEIGHTS = [0.75, 0.25] as const
/** More is no splitting of an answer of a few hundred tokens. */
const MOST_STATEMENTS = 100

const statementsReply = (least: number) =>
  z.strictObject({statements: z.array(z.string().min(1).max(2000)).min(least).max(MOST_STATEMENTS)})
type Statements = z.output<ReturnType<typeof statementsReply>>
type Verdict = {readonly index: number; readonly reason: string; readonly supported: boolean}
type Verdicts = {readonly answer: readonly Verdict[]; readonly reference: readonly Verdict[]}

/**
 * Ragas-style answer correctness: 0.75 x F1 over judged statements + 0.25 x cosine similarity of the texts, 0..1. Settled
 * here where Ragas leaves it open: verdicts name statements by index and must cover each exactly once; a cosine below 0
 * counts as 0; without an embedding model F1 stands alone; a reference without statements is not judged, an answer
 * without any supports nothing.
 */
export async function answerCorrectness(item: JudgedItem, vote: number, tools: Tools): Promise<JudgeVote> {
  const {ask, similarity} = tools
  if (ask === undefined) throw new Error('answer correctness was given no judge')
  const reference = nearestReference(item)!
  const found = await judgedStatements(item, reference, vote, ask, tools.prompts(item.task))
  if (found.status !== 'answered') return found
  const {answer, expected, verdicts, usage} = found
  const {f1, ...counts} = statementScore(verdicts)
  const alike = similarity === undefined ? undefined : await similarity(item.answer, reference)
  if (alike !== undefined && alike.status !== 'answered') return alike
  return {
    status: 'judged',
    score: correctnessScore(f1, alike?.cosine),
    detail: {
      answerStatements: answer,
      referenceStatements: expected,
      verdicts: {answer: [...verdicts.answer], reference: [...verdicts.reference]},
      ...counts,
      f1,
      ...(alike === undefined ? {} : {similarity: alike.cosine}),
    },
    ...(usage === undefined ? {} : {usage}),
  }
}

async function judgedStatements(
  item: JudgedItem,
  reference: string,
  vote: number,
  ask: Ask,
  prompts: JudgePrompts,
) {
  const [ours, theirs] = await Promise.all([
    ask(statementsQuestion(prompts, item.question, item.answer, 'answer'), vote),
    ask(statementsQuestion(prompts, item.question, reference, 'reference'), vote),
  ])
  if (ours.status !== 'answered') return ours
  if (theirs.status !== 'answered') return theirs
  const [answer, expected] = [ours.value.statements, theirs.value.statements]
  const usage = usageOf([ours.reply, theirs.reply])
  if (answer.length === 0) {
    const missing = expected.map((_, at) => ({
      index: at + 1,
      reason: 'the answer has no statement',
      supported: false,
    }))
    return {status: 'answered', answer, expected, verdicts: {answer: [], reference: missing}, usage} as const
  }
  const judged = await ask(verdictsQuestion(prompts, item.question, answer, expected), vote)
  if (judged.status !== 'answered') return judged
  const verdicts: Verdicts = judged.value
  return {
    status: 'answered',
    answer,
    expected,
    verdicts,
    usage: usageOf([ours.reply, theirs.reply, judged.reply]),
  } as const
}

/** Counts and F1 as Ragas has them: true positives are statements of the answer, false negatives of the reference. */
export function statementScore({answer, reference}: Verdicts): {
  readonly truePositives: number
  readonly falsePositives: number
  readonly falseNegatives: number
  readonly f1: number
} {
  const truePositives = answer.filter(({supported}) => supported).length
  const falsePositives = answer.length - truePositives
  const falseNegatives = reference.filter(({supported}) => !supported).length
  const precision = truePositives === 0 ? 0 : truePositives / (truePositives + falsePositives)
  const recall = truePositives === 0 ? 0 : truePositives / (truePositives + falseNegatives)
  const f1 = precision + recall === 0 ? 0 : (2 * precision * recall) / (precision + recall)
  return {truePositives, falsePositives, falseNegatives, f1}
}

/** The weighted mean; F1 alone where there is no similarity. */
export function correctnessScore(f1: number, cosine: number | undefined): number {
  if (cosine === undefined) return f1
  const [statements, alike] = CORRECTNESS_WEIGHTS
  return statements * f1 + alike * Math.min(1, Math.max(0, cosine))
}

/** An answer may say nothing; a reference that is not blank says something, or the reply is of no use. */
export function statementsQuestion(
  prompts: JudgePrompts,
  question: string,
  text: string,
  of: 'answer' | 'reference',
): Question<Statements> {
  const {instructions, task} = prompts
  return questionOf(prompts, {
    name: `statements of the ${of}`,
    instruction: instructions.statements,
    particulars: [task.statements.hint],
    examples: task.statements.examples,
    input: {question, text},
    schema: statementsReply(of === 'answer' ? 0 : 1),
    typical: {statements: sentencesOf(text, task.statements.unit).slice(0, MOST_STATEMENTS)},
  })
}

export function verdictsQuestion(
  prompts: JudgePrompts,
  question: string,
  answer: readonly string[],
  reference: readonly string[],
): Question<Verdicts> {
  const {instructions, task} = prompts
  return questionOf<Verdicts>(prompts, {
    name: 'verdicts',
    instruction: instructions.verdicts,
    particulars: [task.verdicts.hint],
    examples: task.verdicts.examples.map(({input, output}) => ({
      input: {question: input.question, answer: numbered(input.answer), reference: numbered(input.reference)},
      output,
    })),
    input: {question, answer: numbered(answer), reference: numbered(reference)},
    schema: z.strictObject({answer: verdictList(answer.length), reference: verdictList(reference.length)}),
    typical: {answer: answer.map(typicalVerdict), reference: reference.map(typicalVerdict)},
  })
}

/** One verdict for each of `count` statements: the judge may neither drop nor invent one. */
function verdictList(count: number): z.ZodType<readonly Verdict[]> {
  const one = z.strictObject({
    index: z.int().min(1).max(count),
    reason: z.string().max(4000),
    supported: z.boolean(),
  })
  return z
    .array(one)
    .length(count, {error: `must hold ${count} verdicts, one for each statement`})
    .refine((list) => new Set(list.map(({index}) => index)).size === list.length, {
      error: 'must name each index once',
    })
}

function numbered(statements: readonly string[]): {index: number; statement: string}[] {
  return statements.map((statement, at) => ({index: at + 1, statement}))
}

function typicalVerdict(_: string, at: number): Verdict {
  return {index: at + 1, reason: 'The same in other words, or nothing of the kind is said.', supported: true}
}

/** Tokens of all replies; undefined where one came without a count. */
export function usageOf(replies: readonly StoredReply[]): TokenUsage | undefined {
  let promptTokens = 0
  let completionTokens = 0
  for (const {usage} of replies) {
    if (usage === undefined) return undefined
    promptTokens += usage.promptTokens
    completionTokens += usage.completionTokens
  }
  return {promptTokens, completionTokens}
}
