import type {JudgeConfig} from '../config/judge-config.ts'
import {SlmError} from '../errors.ts'
import {shippedJudges} from '../inference/shipped-checkpoints.ts'
import type {Budget} from './budget.ts'
import type {Embedder, Judge} from './judge.ts'
import type {ReplyCache} from './reply-cache.ts'
import type {Connection} from './server/server-connection.ts'
import {serverEmbedder} from './server/server-embedder.ts'
import {serverJudge} from './server/server-judge.ts'

/** The judge that ships with the program: a miniature that `slm model train` made. It is asked where no other judge is named. */
export const EMBEDDED_JUDGE = 'judge-mini'
const OPENAI = 'https://api.openai.com/v1'

/** What judges need from outside; all of it can be replaced in tests. */
export interface JudgeEnvironment {
  readonly key: string | undefined
  readonly cache: ReplyCache
  readonly fetch: typeof fetch
  readonly nowMs: () => number
  readonly wait: (ms: number) => Promise<void>
  readonly random: () => number
  /** Aborted: requests under way are given up. */
  readonly stopNow: AbortSignal
}

/** Opens the judge that the settings name. Errors: `judge-missing`, `judge-key-missing`, those of opening a checkpoint. */
export async function openJudge(
  config: JudgeConfig,
  budget: Budget,
  environment: JudgeEnvironment,
): Promise<Judge> {
  const {judge, judgeModel, baseUrl} = config
  if (judge !== undefined && (judgeModel !== undefined || baseUrl !== undefined))
    throw new SlmError(
      'judge-twice',
      '--judge names a local checkpoint and --judge-model or --base-url a server',
      {
        hint: 'Name one of them.',
      },
    )
  if (judge !== undefined) return openLocal(judge, config)
  if (judgeModel !== undefined)
    return serverJudge(judgeModel, config, connectionOf(config, budget, environment))
  if (baseUrl !== undefined)
    throw new SlmError('judge-missing', `--base-url names a server, but no model of it`, {
      hint: 'Add --judge-model NAME.',
    })
  if ((await shippedJudges()).includes(EMBEDDED_JUDGE))
    return openLocal(EMBEDDED_JUDGE, {...config, verdict: 'likelihood'})
  throw new SlmError('judge-missing', 'no judge is named, and this version ships none of its own', {
    hint: 'Name a server (--base-url http://localhost:8000/v1 --judge-model NAME; the key in SLM_JUDGE_KEY), or a local checkpoint (--judge DIR).',
  })
}

async function openLocal(model: string, config: JudgeConfig): Promise<Judge> {
  const {openLocalJudge} = await import('./local/local-judge.ts')
  return openLocalJudge(model, config)
}

/** The embedding model that the settings name; undefined for none. */
export async function openEmbedder(
  config: JudgeConfig,
  budget: Budget,
  environment: JudgeEnvironment,
): Promise<Embedder | undefined> {
  if (config.embeddings !== undefined && config.embeddingsModel !== undefined)
    throw new SlmError(
      'embeddings-twice',
      '--embeddings names a checkpoint and --embeddings-model a model of the server',
      {
        hint: 'Name one of them.',
      },
    )
  if (config.embeddingsModel !== undefined)
    return serverEmbedder(
      config.embeddingsModel,
      connectionOf(config, budget, environment),
      environment.cache,
    )
  if (config.embeddings === undefined) return undefined
  const {openLocalEmbedder} = await import('./local/local-embedder.ts')
  return openLocalEmbedder(config.embeddings, config)
}

function connectionOf(config: JudgeConfig, budget: Budget, environment: JudgeEnvironment): Connection {
  const {key, fetch, nowMs, wait, random, stopNow} = environment
  const baseUrl = (config.baseUrl ?? OPENAI).replace(/\/+$/, '')
  if (key === undefined && baseUrl === OPENAI)
    throw new SlmError('judge-key-missing', `${OPENAI} wants a key`, {
      hint: 'Set SLM_JUDGE_KEY or OPENAI_API_KEY in the environment, or name another server with --base-url.',
    })
  return {
    baseUrl,
    key,
    timeoutMs: config.timeoutSeconds * 1000,
    tries: config.tries,
    budget,
    fetch,
    nowMs,
    wait,
    random,
    signal: stopNow,
  }
}
