import {digestOf} from '../config/canonical-json.ts'
import type {JudgeCard} from '../store/judgement.ts'
import {decisive} from './asker.ts'
import type {Embedder, Judge} from './judge.ts'
import type {JudgePrompts} from './judge-prompt-files.ts'
import type {OpenedMethod} from './methods/catalogue.ts'

export interface CardParts {
  readonly method: OpenedMethod
  readonly judge: Pick<Judge, 'identity' | 'settings'> | undefined
  readonly embeddings: Embedder['identity'] | undefined
  /** By task. */
  readonly prompts: ReadonlyMap<string, JudgePrompts>
  readonly votes: number
  readonly against?: JudgeCard['against']
}

/** Names a judge by what decides its scores. Prompts are named by task beside it: a run of other tasks has the same judge. */
export function judgeCard({method, judge, embeddings, prompts, votes, against}: CardParts): JudgeCard {
  const identity = judge?.identity ?? {kind: 'none' as const}
  const settings = judge?.settings ?? {}
  const {version, variant} = method
  const id = digestOf({
    method: method.method,
    version,
    variant,
    judge: decisive(identity),
    embeddings: embeddings === undefined ? undefined : decisive(embeddings),
    settings,
    against: against?.planDigest,
  }).slice(0, 12)
  return {
    id,
    method: method.method,
    version,
    variant,
    judge: identity,
    ...(embeddings === undefined ? {} : {embeddings}),
    settings,
    prompts: Object.fromEntries(
      [...prompts].map(([task, {version: words, digest}]) => [task, {version: words, digest}]),
    ),
    votes,
    ...(against === undefined ? {} : {against}),
  }
}
