import type {EmbeddingFacts, OpenEmbeddingModelOptions} from '../engine/embedding-model.ts'
import type {ModelFacts} from '../engine/language-model.ts'
import type {OpenModelOptions} from '../engine/open-options.ts'
import type {SelfTestCheck} from '../engine/self-test.ts'
import type {DecodeEvent, DecodeOptions, DecodeRequest} from './protocol.ts'

/** What the main thread says to the model's thread. */
export type ToWorker =
  | {readonly kind: 'open'; readonly options: OpenModelOptions}
  | {
      readonly kind: 'decode'
      readonly call: number
      readonly requests: readonly DecodeRequest[]
      readonly options: DecodeOptions
    }
  | {readonly kind: 'self-test'; readonly call: number}
  | {
      readonly kind: 'continuations'
      readonly call: number
      readonly promptIds: readonly number[]
      readonly continuations: readonly (readonly number[])[]
    }
  /** Opens a text encoder instead of a language model. */
  | {readonly kind: 'open-embedding'; readonly options: OpenEmbeddingModelOptions}
  | {readonly kind: 'embed'; readonly call: number; readonly texts: readonly string[]}
  | {readonly kind: 'abort'; readonly call: number}
  | {readonly kind: 'close'}

/** What it answers; `failed` without a call is about opening. */
export type FromWorker =
  | {readonly kind: 'opened'; readonly facts: ModelFacts}
  | {readonly kind: 'event'; readonly call: number; readonly event: DecodeEvent}
  /** `computeMs`: inside ONNX Runtime during this call; `wallMs`: the whole call. */
  | {readonly kind: 'done'; readonly call: number; readonly computeMs: number; readonly wallMs: number}
  | {readonly kind: 'self-tested'; readonly call: number; readonly checks: readonly SelfTestCheck[]}
  /** Natural-log probabilities, one for each continuation. */
  | {readonly kind: 'continued'; readonly call: number; readonly logprobs: readonly number[]}
  | {readonly kind: 'opened-embedding'; readonly facts: EmbeddingFacts}
  | {readonly kind: 'embedded'; readonly call: number; readonly vectors: readonly Float32Array[]}
  | {readonly kind: 'failed'; readonly call: number | undefined; readonly error: PlainError}
  | {readonly kind: 'closed'}

/** An error as it crosses threads; `code` is set for a SlmError. */
export interface PlainError {
  readonly code: string | undefined
  readonly message: string
  readonly hint: string | undefined
  readonly exit: number
  readonly stack: string | undefined
}
