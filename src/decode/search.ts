import type {DecodedRow, Finish} from '../inference/protocol.ts'
import type {GenerationSettings} from './generation-settings.ts'
import type {RowContext} from './processors/processor-chain.ts'

/** What is fixed for one row before its first token. */
export interface RowPlan extends RowContext {
  readonly settings: GenerationSettings
  /** Hugging Face's `input_ids` at the start: the prompt (decoder-only) or the decoder's start token alone. */
  readonly inputIds: readonly number[]
  readonly vocabulary: number
  /** Best logits kept of each step; 0 keeps none. */
  readonly topLogits: number
  readonly logprobs: boolean
  readonly runSeed: number
  readonly rowSeed: number
  readonly stopText: ((newIds: readonly number[]) => boolean) | undefined
  /** Room for scores of at least this many floats, shared by all rows: valid until the next call. */
  readonly scratch: (length: number) => Float32Array
}

type Decoded = Extract<DecodedRow, {kind: 'decoded'}>

/** What one row comes to. */
export type Outcome = Omit<Decoded, 'kind' | 'key' | 'timing'>

export type Advance =
  /** New row i of the state goes on from the search's old row `parents[i]` with `tokens[i]`. */
  | {readonly kind: 'continue'; readonly parents: readonly number[]; readonly tokens: readonly number[]}
  | {readonly kind: 'done'; readonly outcome: Outcome}
  | {readonly kind: 'failed'; readonly error: string}

/** The search for the answer to one prompt. It starts with one row of the state, and may take several later. */
export interface Search {
  /** Rows of the state that the next `advance` reads. */
  readonly width: () => number
  /** Chooses the next tokens. `logits`: (rows, vocabulary) of the whole batch, in which this search's rows begin at `firstRow`. */
  readonly advance: (logits: Float32Array, firstRow: number) => Advance
}

export const NOT_A_NUMBER = 'the model gave logits that are not numbers (NaN)'

export const NOTHING_ALLOWED = 'the generation settings forbid every token'

/** Why a row ends with these new ids, looking at end tokens first, then at text, then at length; undefined where it goes on. */
export function finishOf(newIds: readonly number[], plan: RowPlan): Finish | undefined {
  const isFull = newIds.length >= plan.limit
  if (plan.settings.eos_token_id.includes(newIds.at(-1)!)) {
    // An end token that was forced into the last place says nothing about the model: the length ended the row.
    return isFull && plan.settings.forced_eos_token_id !== null ? 'length' : 'end-token'
  }
  if (plan.stopText?.(newIds) === true) return 'stop-string'
  return isFull ? 'length' : undefined
}
