/** Keys of generation_config.json (transformers 4.57.6) and of genai_config.json that say nothing about which tokens come out. */
export const HARMLESS_KEYS: ReadonlySet<string> = new Set([
  'transformers_version',
  '_from_model_config',
  '_commit_hash',
  'use_cache',
  'cache_implementation',
  'cache_config',
  'return_legacy_cache',
  'prefill_chunk_size',
  'past_present_share_buffer',
  'output_attentions',
  'output_hidden_states',
  'output_scores',
  'output_logits',
  'return_dict_in_generate',
  'compile_config',
  'disable_compile',
  'low_memory',
  // Assisted generation starts only with a second model, which no file names.
  'is_assistant',
  'num_assistant_tokens',
  'num_assistant_tokens_schedule',
  'assistant_confidence_threshold',
  'assistant_lookbehind',
  'target_lookbehind',
  'max_matching_ngram_size',
])

export interface UnsupportedKey {
  /** True where a checkpoint's word holds whatever the user asks for, false where it is about search. */
  readonly isAboutTokens: boolean
  /** Whether this value changes nothing. */
  readonly isOff: (value: unknown) => boolean
}

const offAt =
  (...off: readonly unknown[]) =>
  (value: unknown): boolean =>
    value === null || off.includes(value)

/** Keys that transformers acts on and we do not: refused by name unless their value is off. */
export const UNSUPPORTED_KEYS: Readonly<Record<string, UnsupportedKey>> = {
  constraints: {isAboutTokens: true, isOff: offAt()},
  force_words_ids: {isAboutTokens: true, isOff: offAt()},
  forced_decoder_ids: {isAboutTokens: true, isOff: offAt()},
  watermarking_config: {isAboutTokens: true, isOff: offAt()},
  token_healing: {isAboutTokens: true, isOff: offAt(false)},
  guidance_scale: {isAboutTokens: false, isOff: offAt(1)},
  num_beam_groups: {isAboutTokens: false, isOff: offAt(1)},
  diversity_penalty: {isAboutTokens: false, isOff: offAt(0)},
  penalty_alpha: {isAboutTokens: false, isOff: offAt(0)},
  dola_layers: {isAboutTokens: false, isOff: offAt()},
  prompt_lookup_num_tokens: {isAboutTokens: false, isOff: offAt()},
  assistant_early_exit: {isAboutTokens: false, isOff: offAt()},
  max_time: {isAboutTokens: false, isOff: offAt()},
}
