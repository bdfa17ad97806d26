import type {JudgeConfig, JudgeMethod} from '../config/judge-config.ts'
import {SlmError} from '../errors.ts'
import {askThrough, weighThrough} from './asker.ts'
import {openBudget, type Spent} from './budget.ts'
import type {OnJudgeEvent} from './events.ts'
import type {Embedder, Judge} from './judge.ts'
import {type JudgedRun, type JudgeRunOptions, judgeRun} from './judge-run.ts'
import {openMethod} from './methods/catalogue.ts'
import type {Tools} from './methods/method.ts'
import {type JudgeEnvironment, openEmbedder, openJudge} from './open-judge.ts'
import {newTally, pretendToAsk, pretendToEmbed, pretendToWeigh, type Tally} from './pretended.ts'
import {similarityOf} from './similarity-of.ts'

export interface JudgeRunsOptions extends JudgeEnvironment {
  /** Aborted: no further sample is begun. */
  readonly signal: AbortSignal
  readonly onEvent: OnJudgeEvent
}

export interface JudgedRuns {
  readonly runs: readonly JudgedRun[]
  readonly spent: Spent
  /** Replies that were received now, and those that were there before. */
  readonly replies: {readonly fresh: number; readonly cached: number}
  /** Why the rest was left unasked. */
  readonly stopped: string | undefined
}

/** Judges runs by each of the methods, one after the other; with `pairwise` the first run against the second. */
export async function judgeRuns(
  folders: readonly string[],
  config: JudgeConfig,
  options: JudgeRunsOptions,
): Promise<JudgedRuns> {
  checkSettings(folders, config)
  const budget = openBudget(config)
  const replies = {fresh: 0, cached: 0}
  const onReply = (isCached: boolean): void => {
    if (isCached) replies.cached += 1
    else replies.fresh += 1
  }
  return withOpened(config, options, budget, async (judge, embedder) => {
    const {cache} = options
    const replyTries = judge?.identity.kind === 'checkpoint' ? 1 : config.replyTries
    const tools = {
      ask: judge?.kind === 'writing' ? askThrough(judge, {cache, replyTries, onReply}) : undefined,
      weigh: judge?.kind === 'weighing' ? weighThrough(judge, {cache, onReply}) : undefined,
      similarity: embedder === undefined ? undefined : similarityOf(embedder),
    }
    const runs = await runAll(folders, config, {judge, embedder, tools, isWriting: true}, options)
    return {
      runs,
      spent: budget.spent(),
      replies,
      stopped: runs.find(({stopped}) => stopped !== undefined)?.stopped,
    }
  })
}

/** What judging would ask and cost. */
export interface JudgingEstimate {
  readonly samples: number
  /** Requests that would be sent. */
  readonly calls: number
  /** Replies that the cache holds already. */
  readonly cached: number
  readonly promptTokens: number
  readonly completionTokens: number
  /** Undefined without prices. */
  readonly cost: number | undefined
}

/** Goes through all samples without asking anybody; token counts are estimated from the texts themselves. */
export async function estimateJudging(
  folders: readonly string[],
  config: JudgeConfig,
  options: JudgeRunsOptions,
): Promise<JudgingEstimate> {
  checkSettings(folders, config)
  const tally = newTally()
  return withOpened(config, options, openBudget({}), async (judge, embedder) => {
    const tools = pretended(judge, embedder, options, tally)
    const runs = await runAll(folders, config, {judge, embedder, tools, isWriting: false}, options)
    const {priceIn = 0, priceOut = 0} = config
    const hasPrices = config.priceIn !== undefined || config.priceOut !== undefined
    return {
      samples: runs.flatMap(({tasks}) => tasks).reduce((sum, {judged}) => sum + judged, 0),
      ...tally,
      cost: hasPrices ? (tally.promptTokens * priceIn + tally.completionTokens * priceOut) / 1e6 : undefined,
    }
  })
}

function pretended(
  judge: Judge | undefined,
  embedder: Embedder | undefined,
  {cache}: JudgeRunsOptions,
  tally: Tally,
): Omit<Tools, 'prompts'> {
  return {
    ask: judge?.kind === 'writing' ? pretendToAsk(judge, cache, tally) : undefined,
    weigh: judge?.kind === 'weighing' ? pretendToWeigh(tally) : undefined,
    similarity:
      embedder === undefined ? undefined : pretendToEmbed(embedder.identity.kind === 'server', tally),
  }
}

function checkSettings(folders: readonly string[], {methods, maxCost, priceIn, priceOut}: JudgeConfig): void {
  if (maxCost !== undefined && (priceIn === undefined || priceOut === undefined))
    throw new SlmError('prices-missing', '--max-cost needs --price-in and --price-out', {
      hint: 'Give the prices of a million tokens, or limit the requests with --max-calls.',
    })
  if (methods.includes('pairwise') && folders.length !== 2)
    throw new SlmError('pair-missing', `pairwise compares two runs, ${folders.length} are named`, {
      hint: 'Write slm judge RUN RUN --methods pairwise: the first is compared with the second.',
    })
}

/** Opens judge and embedding model as far as the methods need them, and closes them at the end. */
async function withOpened<Value>(
  config: JudgeConfig,
  options: JudgeRunsOptions,
  budget: ReturnType<typeof openBudget>,
  work: (judge: Judge | undefined, embedder: Embedder | undefined) => Promise<Value>,
): Promise<Value> {
  const needsJudge = config.methods.some((method) => method !== 'similarity')
  const usesEmbeddings = config.methods.some((method) => EMBEDDING_METHODS.includes(method))
  const embedder = usesEmbeddings ? await openEmbedder(config, budget, options) : undefined
  try {
    if (config.methods.includes('similarity') && embedder === undefined)
      throw new SlmError('embeddings-missing', 'similarity needs an embedding model', {
        hint: 'Name a local checkpoint with --embeddings DIR, or a model of the server with --embeddings-model.',
      })
    const judge = needsJudge ? await openJudge(config, budget, options) : undefined
    try {
      return await work(judge, embedder)
    } finally {
      await judge?.close()
    }
  } finally {
    await embedder?.close()
  }
}

const EMBEDDING_METHODS: readonly JudgeMethod[] = ['answer-correctness', 'similarity']

interface Opened {
  readonly judge: Judge | undefined
  readonly embedder: Embedder | undefined
  readonly tools: JudgeRunOptions['tools']
  readonly isWriting: boolean
}

async function runAll(
  folders: readonly string[],
  config: JudgeConfig,
  {judge, embedder, tools, isWriting}: Opened,
  {signal, onEvent}: JudgeRunsOptions,
): Promise<JudgedRun[]> {
  const runs: JudgedRun[] = []
  for (const name of config.methods) {
    const needsJudge = name !== 'similarity'
    const embeddings = EMBEDDING_METHODS.includes(name) ? embedder?.identity : undefined
    const method = openMethod(name, needsJudge ? (judge?.kind ?? 'none') : 'none', embeddings !== undefined)
    const judged = name === 'pairwise' ? folders.slice(0, 1) : folders
    for (const folder of judged) {
      const run = await judgeRun(folder, {
        method,
        judge: needsJudge ? judge : undefined,
        embeddings,
        tools: embeddings === undefined ? {...tools, similarity: undefined} : tools,
        votes: needsJudge ? config.votes : 1,
        parallel: config.parallel,
        limit: config.limit,
        seed: config.seed,
        prompts: config.prompts,
        against: name === 'pairwise' ? folders[1] : undefined,
        isWriting,
        signal,
        onEvent,
      })
      runs.push(run)
      if (run.stopped !== undefined) return runs
    }
  }
  return runs
}
