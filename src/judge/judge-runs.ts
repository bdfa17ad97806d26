import type {JudgeConfig} from '../config/judge-config.ts'
import {SlmError} from '../errors.ts'
import type {Spent} from './budget.ts'
import type {OnJudgeEvent} from './events.ts'
import {type JudgedRun, judgeRun} from './judge-run.ts'
import {type OpenedJudge, usesEmbeddings, withJudge} from './judge-tools.ts'
import {openMethod} from './methods/catalogue.ts'
import type {Tools} from './methods/method.ts'
import type {JudgeEnvironment} from './open-judge.ts'
import {newTally, pretendToAsk, pretendToEmbed, pretendToWeigh, type Tally} from './pretended.ts'

export interface JudgeRunsOptions extends JudgeEnvironment {
  /** Aborted: no further sample is begun. */
  readonly signal: AbortSignal
  readonly onEvent: OnJudgeEvent
}

export interface JudgedRuns {
  readonly runs: readonly JudgedRun[]
  readonly spent: Spent
  readonly replies: OpenedJudge['replies']
  /** Why the rest was left unasked. */
  readonly stopped: string | undefined
}

/** Judges runs by each of the methods, one after the other; with `pairwise` the first run against the second. */
export async function judgeRuns(
  folders: readonly string[],
  config: JudgeConfig,
  options: JudgeRunsOptions,
): Promise<JudgedRuns> {
  checkPair(folders, config)
  return withJudge(config, options, async (opened) => {
    const runs = await runAll(folders, config, {...opened, isWriting: true}, options)
    const stopped = runs.find((run) => run.stopped !== undefined)?.stopped
    return {runs, spent: opened.spent(), replies: opened.replies, stopped}
  })
}

/** What judging would ask and cost. */
export interface JudgingEstimate {
  readonly samples: number
  /** Questions that would be asked: requests to a server, or of a judge on this machine. */
  readonly calls: number
  /** Replies that the cache holds already. */
  readonly cached: number
  readonly promptTokens: number
  readonly completionTokens: number
  /** Undefined without prices; 0 where nothing is sent to a server. */
  readonly cost: number | undefined
  /** Judge and embedding model are on this machine. */
  readonly isLocal: boolean
}

/** Goes through all samples without asking anybody; token counts are estimated from the texts themselves. */
export async function estimateJudging(
  folders: readonly string[],
  config: JudgeConfig,
  options: JudgeRunsOptions,
): Promise<JudgingEstimate> {
  checkPair(folders, config)
  const tally = newTally()
  return withJudge(config, options, async (opened) => {
    const tools = pretended(opened, options, tally)
    const runs = await runAll(folders, config, {...opened, tools, isWriting: false}, options)
    const {priceIn = 0, priceOut = 0} = config
    const hasPrices = config.priceIn !== undefined || config.priceOut !== undefined
    const isLocal = [opened.judge, opened.embedder].every((each) => each?.identity.kind !== 'server')
    const cost = (tally.promptTokens * priceIn + tally.completionTokens * priceOut) / 1e6
    return {
      samples: runs.flatMap(({tasks}) => tasks).reduce((sum, {judged}) => sum + judged, 0),
      ...tally,
      cost: isLocal ? 0 : hasPrices ? cost : undefined,
      isLocal,
    }
  })
}

function pretended(
  {judge, embedder}: OpenedJudge,
  {cache}: JudgeRunsOptions,
  tally: Tally,
): Omit<Tools, 'prompts'> {
  const isPaid = embedder?.identity.kind === 'server'
  return {
    ask: judge?.kind === 'writing' ? pretendToAsk(judge, cache, tally) : undefined,
    weigh: judge?.kind === 'weighing' ? pretendToWeigh(tally) : undefined,
    similarity: embedder === undefined ? undefined : pretendToEmbed(isPaid, tally),
  }
}

function checkPair(folders: readonly string[], {methods}: JudgeConfig): void {
  if (!methods.includes('pairwise') || folders.length === 2) return
  throw new SlmError('pair-missing', `pairwise compares two runs, ${folders.length} are named`, {
    hint: 'Write slm judge RUN RUN --methods pairwise: the first is compared with the second.',
  })
}

async function runAll(
  folders: readonly string[],
  config: JudgeConfig,
  {judge, embedder, tools, isWriting}: OpenedJudge & {readonly isWriting: boolean},
  {signal, onEvent}: JudgeRunsOptions,
): Promise<JudgedRun[]> {
  const runs: JudgedRun[] = []
  for (const name of config.methods) {
    const asked = name === 'similarity' ? undefined : judge
    const embeddings = usesEmbeddings(name) ? embedder?.identity : undefined
    const judged = name === 'pairwise' ? folders.slice(0, 1) : folders
    for (const folder of judged) {
      const run = await judgeRun(folder, {
        method: openMethod(name, asked?.kind ?? 'none', embeddings !== undefined),
        judge: asked,
        embeddings,
        tools: embeddings === undefined ? {...tools, similarity: undefined} : tools,
        votes: asked === undefined ? 1 : config.votes,
        parallel: config.parallel,
        limit: config.limit,
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
