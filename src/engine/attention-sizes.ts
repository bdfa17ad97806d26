import type {CheckpointConfig} from './checkpoint-config.ts'
import {namedSize} from './model-sizes.ts'

/** The sizes that decide what attention itself costs, weights apart. */
export interface AttentionSizes {
  readonly encoderLayers: number
  readonly decoderLayers: number
  /** Query heads times their size, in the encoder and in the decoder. */
  readonly encoderWidth: number
  readonly decoderWidth: number
}

/** From the configuration files, by the names that the families use; undefined where one is not named. */
export function attentionSizes(config: CheckpointConfig): AttentionSizes | undefined {
  const at = (...keys: readonly string[]): number | undefined => namedSize(config, keys)
  const hidden = at('hidden_size', 'n_embd', 'd_model')
  const headSize = at('head_dim', 'd_kv', 'head_size')
  const width = (heads: number | undefined): number | undefined =>
    headSize !== undefined && heads !== undefined ? headSize * heads : hidden
  const heads = at('num_attention_heads', 'n_head', 'num_heads')
  const decoderWidth = width(at('decoder_attention_heads') ?? heads)
  const isPair = config.model?.is_encoder_decoder === true
  const decoderLayers = isPair
    ? at('decoder_layers', 'num_decoder_layers', 'num_layers')
    : at('num_hidden_layers', 'n_layer', 'num_layers')
  const encoderLayers = isPair ? at('encoder_layers', 'num_encoder_layers', 'num_layers') : 0
  const encoderWidth = isPair ? width(at('encoder_attention_heads') ?? heads) : 0
  if (decoderWidth === undefined || encoderWidth === undefined) return undefined
  if (decoderLayers === undefined || encoderLayers === undefined) return undefined
  return {encoderLayers, decoderLayers, encoderWidth, decoderWidth}
}
