import type {NetworkShape} from '../network/shape.ts'

export interface CheckpointTokens {
  readonly begin: number
  readonly end: number
  readonly pad: number
}

/**
 * config.json. Other tools choose their loader by `model_type`, and none knows this network by name: an encoder-decoder
 * says t5 and a decoder-only model llama, whose graphs have the same inputs. What the graphs compute stands in them.
 */
export function checkpointConfig(shape: NetworkShape, tokens: CheckpointTokens): Record<string, unknown> {
  const shared = {
    vocab_size: shape.vocabulary,
    bos_token_id: tokens.begin,
    eos_token_id: tokens.end,
    pad_token_id: tokens.pad,
    max_position_embeddings: shape.contextLength,
    n_positions: shape.contextLength,
    rope_theta: shape.ropeTheta,
    tie_word_embeddings: true,
    use_cache: true,
  }
  if (shape.encoderLayers === 0)
    return {
      architectures: ['LlamaForCausalLM'],
      model_type: 'llama',
      ...shared,
      hidden_size: shape.width,
      intermediate_size: shape.feedForward,
      num_hidden_layers: shape.decoderLayers,
      num_attention_heads: shape.heads,
      num_key_value_heads: shape.keyValueHeads,
      head_dim: shape.headSize,
      hidden_act: 'gelu_pytorch_tanh',
    }
  return {
    architectures: ['T5ForConditionalGeneration'],
    model_type: 't5',
    is_encoder_decoder: true,
    decoder_start_token_id: tokens.begin,
    ...shared,
    d_model: shape.width,
    d_kv: shape.headSize,
    d_ff: shape.feedForward,
    num_layers: shape.encoderLayers,
    num_decoder_layers: shape.decoderLayers,
    num_heads: shape.heads,
    num_key_value_heads: shape.keyValueHeads,
    feed_forward_proj: 'gelu_new',
  }
}

export function generationConfig(shape: NetworkShape, tokens: CheckpointTokens): Record<string, unknown> {
  return {
    bos_token_id: tokens.begin,
    eos_token_id: tokens.end,
    pad_token_id: tokens.pad,
    ...(shape.encoderLayers > 0 ? {decoder_start_token_id: tokens.begin} : {}),
  }
}
