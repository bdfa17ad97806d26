import type {TokenUsage} from '../store/judgement.ts'
import {questionKey, requestOf} from './asker.ts'
import {estimatedPromptTokens, estimatedTokens} from './estimated-tokens.ts'
import type {Judge, StoredReply} from './judge.ts'
import type {Ask, Similarity, Weigh} from './methods/method.ts'
import {readReply} from './read-reply.ts'
import type {ReplyCache} from './reply-cache.ts'

/** Counts what a judge would be asked. */
export interface Tally {
  calls: number
  cached: number
  promptTokens: number
  completionTokens: number
}

export function newTally(): Tally {
  return {calls: 0, cached: 0, promptTokens: 0, completionTokens: 0}
}

/**
 * Answers as a judge would, without one: what the cache holds comes from there, the rest is counted and given a typical
 * reply, so that the questions that follow from it are counted too.
 */
export function pretendToAsk(
  judge: Pick<Judge, 'identity' | 'settings'>,
  cache: ReplyCache,
  tally: Tally,
): Ask {
  const seen = new Set<string>()
  return async (question, vote) => {
    const request = requestOf(question, vote, 0)
    const key = questionKey(judge, request)
    const stored = await cache.read(key)
    const isNew = !seen.has(key)
    seen.add(key)
    if (stored?.kind === 'text') {
      const read = readReply(question, stored)
      if (isNew) tally.cached += 1
      if (read.status === 'answered') return {...read, reply: stored}
    } else if (isNew) {
      tally.calls += 1
      tally.promptTokens += estimatedPromptTokens(question.messages)
      tally.completionTokens += estimatedTokens(JSON.stringify(question.typical))
    }
    return {status: 'answered', value: question.typical, reply: typicalReply}
  }
}

const noUsage: TokenUsage = {promptTokens: 0, completionTokens: 0}
const typicalReply: StoredReply = {kind: 'text', text: '', isCut: false, usage: noUsage}

/** Counts what a judge by likelihood would be asked, the same once; its cache is not looked into, because it costs no money. */
export function pretendToWeigh(tally: Tally): Weigh {
  const seen = new Set<string>()
  return async (messages, words) => {
    const question = JSON.stringify([messages, words])
    if (!seen.has(question)) {
      tally.calls += 1
      tally.promptTokens += estimatedPromptTokens(messages)
    }
    seen.add(question)
    return {status: 'answered', probabilities: words.map(() => 1 / words.length)}
  }
}

/** One request for each pair of texts. */
export function pretendToEmbed(isPaid: boolean, tally: Tally): Similarity {
  return async (first, second) => {
    if (isPaid) {
      tally.calls += 1
      tally.promptTokens += estimatedTokens(first) + estimatedTokens(second)
    }
    return {status: 'answered', cosine: 0.5}
  }
}
