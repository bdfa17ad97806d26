import type {GenerationSettings} from '../generation-settings.ts'
import {logSoftmax} from '../log-sum-exp.ts'
import {exponentialDecay, minLength} from './end-token.ts'
import {forcedToken} from './forced-token.ts'
import {removeInvalidValues} from './invalid-values.ts'
import type {LogitsProcessor} from './logits-processor.ts'
import {encoderNoRepeatNgram, noRepeatNgram} from './no-repeat-ngram.ts'
import {encoderRepetitionPenalty, repetitionPenalty} from './repetition-penalty.ts'
import {epsilonCutoff, etaCutoff, minP, temperature, topK, topP, typicalP} from './sampling-filters.ts'
import {noBadWords, sequenceBias} from './sequence-bias.ts'
import {suppressTokens} from './suppress-tokens.ts'

/** What the processors of one row need to know of it. */
export interface RowContext {
  readonly promptIds: readonly number[]
  /** Ids there before the first new one: the prompt's (decoder-only) or 1, the decoder's start token. */
  readonly inputLength: number
  /** Most new tokens. */
  readonly limit: number
}

/** The processors that the settings ask for, in the order of transformers 4.57.6 (`_get_logits_processor`), which matters. */
export function processorChain(settings: GenerationSettings, row: RowContext): readonly LogitsProcessor[] {
  return [
    ...penalties(settings, row),
    ...constraints(settings, row),
    ...(settings.do_sample ? filters(settings) : []),
    ...(settings.renormalize_logits ? [renormalize] : []),
  ]
}

function renormalize(scores: Float32Array): void {
  logSoftmax(scores, 0, scores.length)
}

function penalties(settings: GenerationSettings, row: RowContext): LogitsProcessor[] {
  const chain: LogitsProcessor[] = []
  const {sequence_bias, bad_words_ids, eos_token_id} = settings
  if (sequence_bias !== null) chain.push(sequenceBias(sequence_bias))
  if (settings.encoder_repetition_penalty !== 1) {
    chain.push(encoderRepetitionPenalty(settings.encoder_repetition_penalty, row.promptIds))
  }
  if (settings.repetition_penalty !== 1) chain.push(repetitionPenalty(settings.repetition_penalty))
  if (settings.no_repeat_ngram_size > 0) chain.push(noRepeatNgram(settings.no_repeat_ngram_size))
  if (settings.encoder_no_repeat_ngram_size > 0) {
    chain.push(encoderNoRepeatNgram(settings.encoder_no_repeat_ngram_size, row.promptIds))
  }
  if (bad_words_ids !== null) chain.push(noBadWords(bad_words_ids, eos_token_id))
  return chain
}

function constraints(settings: GenerationSettings, row: RowContext): LogitsProcessor[] {
  const chain: LogitsProcessor[] = []
  const {inputLength, limit} = row
  const {forced_bos_token_id, forced_eos_token_id, exponential_decay_length_penalty} = settings
  const least = settings.min_new_tokens === null ? settings.min_length : inputLength + settings.min_new_tokens
  if (least > 0) chain.push(minLength(least, settings.eos_token_id))
  if (forced_bos_token_id !== null) chain.push(forcedToken([forced_bos_token_id], 1))
  if (forced_eos_token_id !== null) chain.push(forcedToken(forced_eos_token_id, inputLength + limit - 1))
  if (settings.remove_invalid_values) chain.push(removeInvalidValues)
  if (exponential_decay_length_penalty !== null) {
    chain.push(exponentialDecay(exponential_decay_length_penalty, settings.eos_token_id, inputLength))
  }
  if (settings.suppress_tokens !== null) chain.push(suppressTokens(settings.suppress_tokens))
  if (settings.begin_suppress_tokens !== null) {
    const isSecond = inputLength === 1 && forced_bos_token_id !== null
    chain.push(suppressTokens(settings.begin_suppress_tokens, isSecond ? inputLength + 1 : inputLength))
  }
  return chain
}

function filters(settings: GenerationSettings): LogitsProcessor[] {
  // Beams must find a token that goes on even where all end tokens are kept.
  const least = settings.num_beams > 1 ? settings.eos_token_id.length + 1 : 1
  const chain: LogitsProcessor[] = []
  if (settings.temperature !== 1) chain.push(temperature(settings.temperature))
  if (settings.top_k > 0) chain.push(topK(Math.max(settings.top_k, least)))
  if (settings.top_p < 1) chain.push(topP(settings.top_p, least))
  if (settings.min_p !== null) chain.push(minP(settings.min_p, least))
  if (settings.typical_p < 1) chain.push(typicalP(settings.typical_p, least))
  if (settings.epsilon_cutoff > 0) chain.push(epsilonCutoff(settings.epsilon_cutoff, least))
  if (settings.eta_cutoff > 0) chain.push(etaCutoff(settings.eta_cutoff, least))
  return chain
}
