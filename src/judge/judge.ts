import type {JudgeCard, NotJudgedState, TokenUsage} from '../store/judgement.ts'
import type {ChatMessage} from '../tokenizer/tokenizer.ts'
import type {TrainedJudge} from './local/trained-judge.ts'

/** One request to a judge that writes JSON. */
export interface JudgeRequest {
  readonly messages: readonly ChatMessage[]
  /** Name and JSON Schema of the reply. */
  readonly schema: {readonly name: string; readonly json: Readonly<Record<string, unknown>>}
  /** Which vote this is, from 0, and which try of it after unusable replies: both seed the judge. */
  readonly vote: number
  readonly attempt: number
}

/** What was received and may have been paid for: it goes into the cache as it is, and is read anew each time. */
export interface StoredReply {
  readonly kind: 'text' | 'refused'
  readonly text: string
  /** True when the reply was cut at its length limit. */
  readonly isCut: boolean
  readonly usage?: TokenUsage | undefined
  /** The model that the server says has answered, and its fingerprint. */
  readonly model?: string | undefined
  readonly fingerprint?: string | undefined
}

/** A request that came to nothing on its way. It is never stored. */
export interface LostRequest {
  readonly kind: 'timed-out' | 'failed'
  readonly why: string
}

/** Probabilities of the words that a judge by likelihood chooses between; they add up to 1. */
export interface WordRequest {
  readonly messages: readonly ChatMessage[]
  readonly words: readonly string[]
}

interface JudgeFacts {
  /** For the card of the judge. */
  readonly identity: JudgeCard['judge']
  /** Everything else that decides a reply, for card and cache key. */
  readonly settings: JudgeCard['settings']
}

/** A judge that writes JSON: a server, or a local checkpoint. */
export interface WritingJudge extends JudgeFacts {
  readonly kind: 'writing'
  reply(request: JudgeRequest): Promise<StoredReply | LostRequest>
  close(): Promise<void>
}

/** A local checkpoint that judges by which verdict word is likelier. */
export interface WeighingJudge extends JudgeFacts {
  readonly kind: 'weighing'
  /** The only question that it was trained for, where it was trained to judge. */
  readonly trained?: TrainedJudge | undefined
  weigh(request: WordRequest): Promise<readonly number[] | LostRequest>
  close(): Promise<void>
}

export type Judge = WritingJudge | WeighingJudge

/** Turns texts into vectors of one length and norm 1. */
export interface Embedder {
  readonly identity: NonNullable<JudgeCard['embeddings']>
  embed(texts: readonly string[]): Promise<readonly Float32Array[] | LostRequest>
  close(): Promise<void>
}

/** Why something was not judged. */
export interface NotJudged {
  readonly status: NotJudgedState
  readonly why: string
}
