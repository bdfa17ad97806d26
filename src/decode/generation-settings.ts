import {z} from 'zod'

const tokenId = z.int().nonnegative()
const oneOrMoreIds = z
  .union([tokenId, z.array(tokenId)])
  .transform((value) => (typeof value === 'number' ? [value] : value))
const count = z.int().nonnegative()
const penalty = z.number().positive()
const share = z.number().min(0).max(1)

/** Keys of generation_config.json about tokens: what a checkpoint says here always holds. `null`: off. */
export const TOKEN_KEYS = {
  /** Any of these ends a row. */
  eos_token_id: oneOrMoreIds,
  /** Kept for the record: finished rows leave the batch, so nothing is ever filled with it. -1 is how some files write "none". */
  pad_token_id: z
    .int()
    .transform((id) => (id < 0 ? null : id))
    .nullable(),
  bos_token_id: tokenId.nullable(),
  decoder_start_token_id: tokenId.nullable(),
  /** The first new token, where the ids before it are a single one (a decoder's start token). */
  forced_bos_token_id: tokenId.nullable(),
  /** The token in the last place that the length allows; of several the lowest. */
  forced_eos_token_id: oneOrMoreIds.nullable(),
  suppress_tokens: z.array(z.int()).nullable(),
  /** Forbidden as the first new token, or as the second where the first one is forced. */
  begin_suppress_tokens: z.array(z.int()).nullable(),
  /** Sequences that may not be completed. */
  bad_words_ids: z.array(z.array(tokenId).min(1)).min(1).nullable(),
  /** [ids, bias added to the last id's score where the ids before it were just written]. */
  sequence_bias: z
    .array(z.tuple([z.array(tokenId).min(1), z.number()]))
    .min(1)
    .nullable(),
  /** log-softmax after all other processors. */
  renormalize_logits: z.boolean(),
  /** NaN becomes 0, infinities the largest finite float32. */
  remove_invalid_values: z.boolean(),
  /** Texts that end a row. Decoding knows no text: its caller turns them into the hook `stopText`. */
  stop_strings: z
    .union([z.string().min(1), z.array(z.string().min(1))])
    .transform((value) => (typeof value === 'string' ? [value] : value))
    .nullable(),
} as const

/** Keys about search and length: what a checkpoint says here holds only when it is asked for. `null`: off. */
export const SEARCH_KEYS = {
  /** Most new tokens; wins over `max_length`. */
  max_new_tokens: z.int().positive().nullable(),
  /** Most tokens in all: with the prompt (decoder-only) or the decoder's start token (encoder-decoder). */
  max_length: z.int().positive().nullable(),
  /** No end token before so many new tokens; wins over `min_length`. */
  min_new_tokens: count.nullable(),
  /** No end token before so many tokens in all, counted as `max_length` counts. */
  min_length: count,
  do_sample: z.boolean(),
  /** Scores are divided by it; 1 is off. */
  temperature: z.number().min(0),
  /** Keep the k best tokens; 0 is off. */
  top_k: count,
  /** Keep the fewest best tokens whose probabilities reach this; 1 is off. */
  top_p: share,
  /** Keep tokens of at least this share of the best token's probability. */
  min_p: share.nullable(),
  /** Keep the tokens nearest the entropy up to this probability (locally typical sampling); 1 is off. */
  typical_p: z.number().positive().max(1),
  /** Keep tokens of at least this probability; 0 is off. */
  epsilon_cutoff: z.number().min(0).lt(1),
  /** Keep tokens of at least min(this, sqrt(this) * exp(-entropy)); 0 is off. */
  eta_cutoff: z.number().min(0).lt(1),
  /** Divides the positive and multiplies the negative scores of tokens already there (prompt included, decoder-only); 1 is off. */
  repetition_penalty: penalty,
  /** The inverse, for tokens of the prompt; 1 is off. */
  encoder_repetition_penalty: penalty,
  /** No n tokens in a row twice; 0 is off. */
  no_repeat_ngram_size: count,
  /** No n tokens in a row that the prompt holds; 0 is off. */
  encoder_no_repeat_ngram_size: count,
  /** [start, factor]: after `start` new tokens the end token's score rises by |score| * (factor^(tokens since) - 1). */
  exponential_decay_length_penalty: z.tuple([count, z.number().positive()]).nullable(),
  /** 1: greedy or sampling. */
  num_beams: z.int().positive(),
  num_return_sequences: z.int().positive(),
  /** A finished beam's score is its sum of log-probabilities / (new tokens)^this. */
  length_penalty: z.number(),
  /** true: stop at `num_beams` finished ones; false: when the running best cannot win at its length; "never": at any length. */
  early_stopping: z.union([z.boolean(), z.literal('never')]),
} as const

const everyKey = z.object({...TOKEN_KEYS, ...SEARCH_KEYS}).readonly()

/** Every setting of the search under Hugging Face's own name, with the value in force: what the manifest records. */
export type GenerationSettings = z.output<typeof everyKey>

/** transformers 4.57.6's `GenerationConfig()`, its `null`s written as the value that is off; lengths are nobody's default. */
export const DEFAULT_SETTINGS: GenerationSettings = {
  eos_token_id: [],
  pad_token_id: null,
  bos_token_id: null,
  decoder_start_token_id: null,
  forced_bos_token_id: null,
  forced_eos_token_id: null,
  suppress_tokens: null,
  begin_suppress_tokens: null,
  bad_words_ids: null,
  sequence_bias: null,
  renormalize_logits: false,
  remove_invalid_values: false,
  stop_strings: null,
  max_new_tokens: null,
  max_length: null,
  min_new_tokens: null,
  min_length: 0,
  do_sample: false,
  temperature: 1,
  top_k: 50,
  top_p: 1,
  min_p: null,
  typical_p: 1,
  epsilon_cutoff: 0,
  eta_cutoff: 0,
  repetition_penalty: 1,
  encoder_repetition_penalty: 1,
  no_repeat_ngram_size: 0,
  encoder_no_repeat_ngram_size: 0,
  exponential_decay_length_penalty: null,
  num_beams: 1,
  num_return_sequences: 1,
  length_penalty: 1,
  early_stopping: false,
}
