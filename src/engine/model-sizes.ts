import type {CacheSizes} from './cache-layout.ts'
import type {CheckpointConfig} from './checkpoint-config.ts'

/** Sizes from the configuration files, by the names that the families use for them. */
export function contextLength(config: CheckpointConfig): number | undefined {
  const lengths = [namedLength(config), windowOutsideGraph(config)].filter((length) => length !== undefined)
  return lengths.length === 0 ? undefined : Math.min(...lengths)
}

/**
 * The window of a GenAI model whose layers all have it: its graph attends to everything, so beyond the window its
 * numbers would not be the model's.
 */
export function windowOutsideGraph(config: CheckpointConfig): number | undefined {
  const window = config.genai?.model.decoder?.sliding_window
  return window?.layers?.length === 0 ? window.window_size : undefined
}

function namedLength(config: CheckpointConfig): number | undefined {
  return (
    namedSize(config, [
      'max_position_embeddings',
      'n_positions',
      'n_ctx',
      'max_sequence_length',
      'max_seq_len',
      'block_size',
      'seq_length',
    ]) ?? config.genai?.model.context_length
  )
}

export function vocabularySize(config: CheckpointConfig): number | undefined {
  return namedSize(config, ['vocab_size']) ?? config.genai?.model.vocab_size
}

export function cacheSizes(config: CheckpointConfig): CacheSizes {
  const heads = namedSize(config, ['num_attention_heads', 'n_head', 'num_heads', 'decoder_attention_heads'])
  const hidden = namedSize(config, ['hidden_size', 'n_embd', 'd_model'])
  const decoder = config.genai?.model.decoder
  return {
    heads:
      decoder?.num_key_value_heads ??
      namedSize(config, ['num_key_value_heads', 'n_head_kv', 'num_kv_heads']) ??
      heads,
    headSize:
      decoder?.head_size ??
      namedSize(config, ['head_dim', 'd_kv']) ??
      (heads && hidden ? hidden / heads : undefined),
  }
}

/** The first of the keys that a file names with a number: config.json, its `text_config`, or GenAI's decoder. */
export function namedSize(config: CheckpointConfig, keys: readonly string[]): number | undefined {
  const levels: unknown[] = [config.model, config.model?.['text_config'], config.genai?.model.decoder]
  for (const key of keys) {
    for (const level of levels) {
      if (typeof level !== 'object' || level === null) continue
      const value: unknown = Object.getOwnPropertyDescriptor(level, key)?.value
      if (typeof value === 'number' && value > 0) return value
    }
  }
  return undefined
}
