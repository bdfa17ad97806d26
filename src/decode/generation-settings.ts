/**
 * Every setting of the search under Hugging Face's own names (generation_config.json), resolved: a value for each key.
 * Greedy without penalties is the default.
 */
export interface GenerationSettings {
  readonly max_new_tokens: number
  readonly min_new_tokens: number
  readonly num_beams: number
}
