import type {JudgeConfig, JudgeMethod} from '../config/judge-config.ts'
import {SlmError} from '../errors.ts'
import {askThrough, weighThrough} from './asker.ts'
import {openBudget, type Spent} from './budget.ts'
import type {Embedder, Judge} from './judge.ts'
import type {Tools} from './methods/method.ts'
import {type JudgeEnvironment, openEmbedder, openJudge} from './open-judge.ts'
import {memoryReplyCache} from './reply-cache.ts'
import {similarityOf} from './similarity-of.ts'

/** A judge and an embedding model, as far as the methods need them, and what was spent on them so far. */
export interface OpenedJudge {
  readonly judge: Judge | undefined
  readonly embedder: Embedder | undefined
  readonly tools: Omit<Tools, 'prompts'>
  readonly spent: () => Spent
  /** Replies that were received now, and those that were there before. */
  readonly replies: {readonly fresh: number; readonly cached: number}
}

const EMBEDDING_METHODS: readonly JudgeMethod[] = ['answer-correctness', 'similarity']

/** Whether a method uses an embedding model, where one is named. */
export function usesEmbeddings(method: JudgeMethod): boolean {
  return EMBEDDING_METHODS.includes(method)
}

/** Opens what the settings name, hands it to `work`, and closes it. Errors: those of `openJudge` and `openEmbedder`. */
export async function withJudge<Value>(
  config: JudgeConfig,
  environment: JudgeEnvironment,
  work: (opened: OpenedJudge) => Promise<Value>,
): Promise<Value> {
  checkPrices(config)
  const budget = openBudget(config)
  const embedder = config.methods.some(usesEmbeddings)
    ? await openEmbedder(config, budget, environment)
    : undefined
  try {
    if (config.methods.includes('similarity') && embedder === undefined)
      throw new SlmError('embeddings-missing', 'similarity needs an embedding model', {
        hint: 'Name a local checkpoint with --embeddings DIR, or a model of the server with --embeddings-model.',
      })
    const needsJudge = config.methods.some((method) => method !== 'similarity')
    const judge = needsJudge ? await openJudge(config, budget, environment) : undefined
    const {tools, replies} = toolsOf(judge, embedder, config, environment)
    try {
      refuseOtherQuestions(judge, config)
      return await work({judge, embedder, tools, spent: budget.spent, replies})
    } finally {
      await judge?.close()
    }
  } finally {
    await embedder?.close()
  }
}

/** A judge that was trained for one question cannot rate or compare. */
function refuseOtherQuestions(judge: Judge | undefined, {methods}: JudgeConfig): void {
  if (judge?.kind !== 'weighing' || judge.trained === undefined) return
  const unfit = methods.filter((method) => method === 'rubric' || method === 'pairwise')
  if (unfit.length === 0) return
  const name = judge.identity.kind === 'checkpoint' ? judge.identity.name : 'the judge'
  throw new SlmError(
    'method-unfit',
    `${name} was trained for one question, whether a text supports a statement; ${unfit.join(' and ')} ask others`,
    {hint: 'Use --methods answer-correctness, or name another judge (--judge-model, --judge).'},
  )
}

function checkPrices({maxCost, priceIn, priceOut}: JudgeConfig): void {
  if (maxCost === undefined || (priceIn !== undefined && priceOut !== undefined)) return
  throw new SlmError('prices-missing', '--max-cost needs --price-in and --price-out', {
    hint: 'Give the prices of a million tokens, or limit the requests with --max-calls.',
  })
}

function toolsOf(
  judge: Judge | undefined,
  embedder: Embedder | undefined,
  config: JudgeConfig,
  {cache}: JudgeEnvironment,
): Pick<OpenedJudge, 'tools' | 'replies'> {
  const replies = {fresh: 0, cached: 0}
  const onReply = (isCached: boolean): void => {
    if (isCached) replies.cached += 1
    else replies.fresh += 1
  }
  // Its verdicts cost less than the files that they would lie in; the same question is still asked once.
  const isTrained = judge?.kind === 'weighing' && judge.trained !== undefined
  const kept = isTrained ? memoryReplyCache() : cache
  // A checkpoint without sampling would write the same again.
  const replyTries = judge?.identity.kind === 'checkpoint' && config.temperature === 0 ? 1 : config.replyTries
  return {
    replies,
    tools: {
      ask: judge?.kind === 'writing' ? askThrough(judge, {cache, replyTries, onReply}) : undefined,
      weigh: judge?.kind === 'weighing' ? weighThrough(judge, {cache: kept, onReply}) : undefined,
      trained: judge?.kind === 'weighing' ? judge.trained : undefined,
      similarity: embedder === undefined ? undefined : similarityOf(embedder),
    },
  }
}
