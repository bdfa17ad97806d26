import {describe, expect, it} from 'vitest'
import type {CheckpointConfig, GenaiConfig} from '../../src/engine/checkpoint-config.ts'
import {cacheSizes, contextLength, vocabularySize, windowOutsideGraph} from '../../src/engine/model-sizes.ts'

function of(model: Readonly<Record<string, unknown>>): CheckpointConfig {
  return {model: {...model}, generation: undefined, genai: undefined}
}

function genai(decoder: NonNullable<GenaiConfig['model']['decoder']>): CheckpointConfig {
  return {
    model: undefined,
    generation: undefined,
    genai: {model: {type: 'mistral', context_length: 4096, vocab_size: 300, decoder}},
  }
}

const DECODER = {head_size: 16, num_key_value_heads: 2, inputs: {}, outputs: {}}

describe('sizes from the configuration files', () => {
  it.each([
    [{max_position_embeddings: 512}, 512],
    [{n_positions: 1024}, 1024],
    [{max_seq_len: 2048}, 2048],
    [{text_config: {max_position_embeddings: 77}}, 77],
    [{}, undefined],
  ])('the context of %o is %s', (model, length) => {
    expect(contextLength(of(model))).toBe(length)
  })

  it('heads and head size go by several names', () => {
    expect(cacheSizes(of({num_attention_heads: 8, hidden_size: 64}))).toEqual({heads: 8, headSize: 8})
    expect(cacheSizes(of({n_head: 4, n_embd: 48, num_key_value_heads: 2}))).toEqual({heads: 2, headSize: 12})
    expect(cacheSizes(of({num_heads: 4, d_model: 48, d_kv: 16}))).toEqual({heads: 4, headSize: 16})
    expect(cacheSizes(of({}))).toEqual({heads: undefined, headSize: undefined})
  })

  it('genai_config.json names them where there is no config.json', () => {
    const config = genai(DECODER)
    expect(cacheSizes(config)).toEqual({heads: 2, headSize: 16})
    expect(contextLength(config)).toBe(4096)
    expect(vocabularySize(config)).toBe(300)
  })

  it('a window that the GenAI graph does not have bounds the context; one that it has does not', () => {
    const outside = genai({...DECODER, sliding_window: {window_size: 128, layers: []}})
    expect(windowOutsideGraph(outside)).toBe(128)
    expect(contextLength(outside)).toBe(128)
    const inside = genai({...DECODER, sliding_window: {window_size: 128, layers: [0]}})
    expect(windowOutsideGraph(inside)).toBeUndefined()
    expect(contextLength(inside)).toBe(4096)
    expect(windowOutsideGraph(genai({...DECODER, sliding_window: null}))).toBeUndefined()
  })
})
