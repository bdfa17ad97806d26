/** What a checkpoint looks like after it was opened. Both kinds look the same from `prefill()` on; only this folder knows which is which. */
export type Architecture = 'enc-dec' | 'dec-only'

export const DTYPES = ['fp32', 'fp16', 'q8', 'q4', 'q4f16', 'int8', 'uint8', 'bnb4'] as const
export type Dtype = (typeof DTYPES)[number]

/** Token ids from the checkpoint's own configuration files, never guessed. */
export interface SpecialTokens {
  /** Begins the decoder of an encoder-decoder model; undefined for decoder-only models. */
  readonly decoderStart: number | undefined
  /** Begins a text (BOS); undefined where the tokenizer has none. */
  readonly begin: number | undefined
  /** Any of these ends a row. */
  readonly end: readonly number[]
  readonly pad: number | undefined
}

/** Whether a row's ids can depend on the rows beside it (runtime.md: dynamic int8, MatMulNBits at accuracy level 4). */
export type BatchInvariance = {readonly kind: 'exact'} | {readonly kind: 'inexact'; readonly why: string}

export interface ModelFacts {
  /** Folder name, shipped name or hub id, as the user gave it. */
  readonly name: string
  readonly architecture: Architecture
  readonly dtype: Dtype
  readonly vocabulary: number
  readonly tokens: SpecialTokens
  /** Longest prompt (encoder input, or prompt and new tokens together for decoder-only); undefined when the configuration names none. */
  readonly contextLength: number | undefined
  /** sha256 over the graph and weight files in use. */
  readonly digest: string
  readonly batching: BatchInvariance
  /** The execution provider in use and its threads inside one operator. */
  readonly device: string
  readonly threads: number
  /** What the load-time self-test found, and what was rewritten at load; one sentence each, for the manifest. */
  readonly notes: readonly string[]
  /** More rows than this may not run together; undefined: no such limit. 1 under --exact for files whose numbers depend on the batch. */
  readonly maxRows: number | undefined
  /** Bytes of keys and values for one token of one row: what `auto` plans the batch with. */
  readonly cacheBytesPerToken: number
}

/**
 * One opened checkpoint. `prefill` runs the encoder and the decoder's start token (encoder-decoder) or the whole prompt
 * (decoder-only); padding, masks and position ids are its own business.
 */
export interface LanguageModel {
  readonly facts: ModelFacts
  /** `prompts[row]`: token ids, any lengths. An empty prompt is an error of kind SlmError `prompt-empty`. */
  prefill(prompts: readonly (readonly number[])[]): Promise<DecoderState>
  /** Encoder-decoder only: as `prefill`, but the decoder keeps no keys and values; for measuring what they save. */
  prefillWithoutCache?(prompts: readonly (readonly number[])[]): Promise<DecoderState>
  /** Milliseconds spent inside ONNX Runtime so far. */
  computeMs(): number
  close(): Promise<void>
}

/** Keys and values of the rows that are being decoded together. Not safe for concurrent calls. */
export interface DecoderState {
  readonly rows: number
  /** (rows, vocabulary), row-major, before softmax; of the last position of each row; overwritten by the next call. */
  readonly logits: Float32Array
  /** Appends one token to every row. `next`: (rows). */
  step(next: Int32Array): Promise<void>
  /** New row i goes on from old row `rows[i]`: drops, reorders or repeats rows (finished rows, beams). Reorders `logits` too. */
  select(rows: Int32Array): void
  /** True when `join` can append this state's rows to mine (some exported graphs need all rows to be equally long). */
  canJoin(other: DecoderState): boolean
  /** Says that others will join until there are so many rows: memory is taken for them once. Never throws; `join` does. */
  reserve?(rows: number): void
  /** Appends the other state's rows (and logits) after mine; the other state is used up. */
  join(other: DecoderState): void
  /** Releases the buffers. */
  close(): void
}
