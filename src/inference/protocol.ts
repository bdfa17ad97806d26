import type {GenerationSettings} from '../decode/generation-settings.ts'

/** One prompt to decode. */
export interface DecodeRequest {
  /** The caller's own key, returned with the row. */
  readonly key: number
  readonly promptIds: readonly number[]
  /** Seeds this row's sampling together with the run's seed, so that sampling does not depend on the batch. */
  readonly seed: number
}

export interface DecodeOptions {
  readonly generation: GenerationSettings
  /** Rows decoded together. `auto` starts from what memory allows and halves when memory runs out. */
  readonly batchSize: number | 'auto'
  /** Keep this many best logits of each step; 0 keeps none. */
  readonly topLogits: number
  /** false: nobody reads the rows' log-probabilities, so that no sum over the vocabulary is spent on them. */
  readonly logprobs?: boolean
  /** Texts that end a row, checked after the end tokens. */
  readonly stopStrings: readonly string[]
  /** The run's seed: with each row's own it decides what sampling draws. */
  readonly seed: number
}

export type Finish = 'end-token' | 'stop-string' | 'length'

export interface RowTiming {
  /** From the start of this row's prefill to the choice of its first token; other rows of the batch included. */
  readonly firstTokenMs: number
  /** From the start of this row's prefill to its last token. */
  readonly totalMs: number
}

/** The best logits of one step before any processor, best first; equal logits by rising id. */
export interface StepTop {
  readonly ids: readonly number[]
  readonly logits: readonly number[]
}

export interface DecodedSequence {
  readonly newIds: readonly number[]
  readonly finish: Finish
  /** As Hugging Face's `sequences_scores`. */
  readonly score: number
}

export type DecodedRow =
  | {
      readonly kind: 'decoded'
      readonly key: number
      /** What was generated, the end token included when it was reached. */
      readonly newIds: readonly number[]
      readonly finish: Finish
      /** Natural-log probability of `newIds` under the raw logits; absent where they were not asked for. */
      readonly logprob?: number
      /** With beams: the best sequence's score. */
      readonly score?: number
      /** With `num_return_sequences` > 1: all of them, best first. */
      readonly sequences?: readonly DecodedSequence[]
      readonly steps?: readonly StepTop[]
      readonly timing: RowTiming
    }
  | {readonly kind: 'failed'; readonly key: number; readonly error: string}

export type DecodeEvent =
  | {readonly kind: 'row'; readonly row: DecodedRow}
  /** Sent at most a few times a second. */
  | {readonly kind: 'progress'; readonly newTokens: number; readonly activeRows: number}
  | {readonly kind: 'batch-size'; readonly from: number; readonly to: number; readonly why: string}
