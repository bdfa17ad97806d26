import {digestOf} from '../config/canonical-json.ts'
import type {
  Embedder,
  JudgeRequest,
  LostRequest,
  NotJudged,
  StoredReply,
  WeighingJudge,
  WordRequest,
  WritingJudge,
} from './judge.ts'
import type {Ask, Weigh} from './methods/method.ts'
import {jsonSchema, type Question} from './question.ts'
import {readReply} from './read-reply.ts'
import {CACHE_FORMAT, type ReplyCache} from './reply-cache.ts'

export interface AskerOptions {
  readonly cache: ReplyCache
  /** Times a question is asked when its reply is unusable. */
  readonly replyTries: number
  /** Told of every reply, and whether it came from the cache. */
  readonly onReply: (isCached: boolean) => void
}

/**
 * Asks through the cache. A question is the same when everything that decides its reply is: judge, settings, messages,
 * schema, vote and try. The same question at the same time is asked once. Unusable replies are kept too, so that going on
 * after a kill tries where it stopped instead of paying again.
 */
export function askThrough(judge: WritingJudge, {cache, replyTries, onReply}: AskerOptions): Ask {
  const shared = sharedByKey<StoredReply | LostRequest>()
  const once = async (key: string, request: JudgeRequest): Promise<StoredReply | LostRequest> => {
    const stored = await cache.read(key)
    if (stored !== undefined && (stored.kind === 'text' || stored.kind === 'refused')) {
      onReply(true)
      return stored
    }
    const reply = await judge.reply(request)
    if (reply.kind === 'text' || reply.kind === 'refused') {
      await cache.write(key, reply)
      onReply(false)
    }
    return reply
  }
  return async (question, vote) => {
    let unusable: NotJudged = {status: 'unparsed', why: `${question.name}: nothing was asked`}
    for (let attempt = 0; attempt < replyTries; attempt += 1) {
      const request = requestOf(question, vote, attempt)
      const key = questionKey(judge, request)
      const reply = await shared(key, () => once(key, request))
      if ('why' in reply) return {status: reply.kind, why: `${question.name}: ${reply.why}`}
      const read = readReply(question, reply)
      if (read.status === 'answered') return {...read, reply}
      unusable = read
    }
    return unusable
  }
}

/** Work that is asked for while the same is under way is not begun again. */
function sharedByKey<Value>(): (key: string, work: () => Promise<Value>) => Promise<Value> {
  const underWay = new Map<string, Promise<Value>>()
  return (key, work) => {
    const running = underWay.get(key)
    if (running !== undefined) return running
    const started = work().finally(() => underWay.delete(key))
    underWay.set(key, started)
    return started
  }
}

export function requestOf(question: Question<unknown>, vote: number, attempt: number): JudgeRequest {
  const name = question.name.replaceAll(/[^\w-]+/g, '_')
  return {messages: question.messages, schema: {name, json: jsonSchema(question.schema)}, vote, attempt}
}

/** sha256 over everything that decides a reply. */
export function questionKey(
  judge: Pick<WritingJudge, 'identity' | 'settings'>,
  request: JudgeRequest,
): string {
  return digestOf({
    format: CACHE_FORMAT,
    judge: decisive(judge.identity),
    settings: judge.settings,
    messages: request.messages,
    // The name of a step is for people and for the server, not for the judge.
    schema: request.schema.json,
    vote: request.vote,
    attempt: request.attempt,
  })
}

/** Weighs words through the cache; the same question at the same time is asked once, so votes cost nothing more. */
export function weighThrough(
  judge: WeighingJudge,
  {cache, onReply}: Omit<AskerOptions, 'replyTries'>,
): Weigh {
  const shared = sharedByKey<Awaited<ReturnType<Weigh>>>()
  const once = async (key: string, {messages, words}: WordRequest): ReturnType<Weigh> => {
    const stored = await cache.read(key)
    if (stored?.kind === 'probabilities' && stored.values.length === words.length) {
      onReply(true)
      return {status: 'answered', probabilities: stored.values}
    }
    const probabilities = await judge.weigh({messages, words})
    if ('why' in probabilities) return {status: probabilities.kind, why: probabilities.why}
    if (probabilities.some((value) => !Number.isFinite(value)))
      return {status: 'unparsed', why: 'the judge’s probabilities are not numbers'}
    await cache.write(key, {kind: 'probabilities', values: [...probabilities]})
    onReply(false)
    return {status: 'answered', probabilities}
  }
  return (messages, words) => {
    const key = digestOf({
      format: CACHE_FORMAT,
      judge: decisive(judge.identity),
      settings: judge.settings,
      messages,
      words,
    })
    return shared(key, () => once(key, {messages, words}))
  }
}

/** The name of a checkpoint and what is said of it decide nothing: its files do. */
export function decisive(identity: Embedder['identity'] | WritingJudge['identity']): unknown {
  if (identity.kind !== 'checkpoint') return identity
  const {name: _, note: _note, measured: _measured, ...files} = {note: '', measured: {}, ...identity}
  return files
}
