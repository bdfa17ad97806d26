import {describe, expect, it} from 'vitest'
import {DEFAULT_SETTINGS} from '../../src/decode/generation-settings.ts'
import {type GenerationSources, resolveGeneration} from '../../src/decode/resolve-generation.ts'

/** What facebook/bart-large-cnn says, among other things. */
const BART = {
  _from_model_config: true,
  bos_token_id: 0,
  decoder_start_token_id: 2,
  early_stopping: true,
  eos_token_id: 2,
  forced_bos_token_id: 0,
  forced_eos_token_id: 2,
  length_penalty: 2.0,
  max_length: 142,
  min_length: 56,
  no_repeat_ngram_size: 3,
  num_beams: 4,
  pad_token_id: 1,
  transformers_version: '4.27.0.dev0',
}
const TOKENS = {decoderStart: 2, begin: 0, end: [2], pad: 1}

function resolve(sources: Partial<GenerationSources>) {
  return resolveGeneration({
    checkpoint: BART,
    config: undefined,
    tokens: TOKENS,
    user: undefined,
    flags: {},
    useCheckpointSearch: false,
    defaultMaxNewTokens: 64,
    ...sources,
  })
}

describe('resolveGeneration', () => {
  it('takes the checkpoint’s tokens and nothing of its search, and is greedy by default', () => {
    expect(resolve({})).toEqual({
      ...DEFAULT_SETTINGS,
      bos_token_id: 0,
      decoder_start_token_id: 2,
      eos_token_id: [2],
      forced_bos_token_id: 0,
      forced_eos_token_id: [2],
      pad_token_id: 1,
      max_new_tokens: 64,
    })
  })

  it('takes the checkpoint’s search when asked, its length too', () => {
    expect(resolve({useCheckpointSearch: true})).toMatchObject({
      num_beams: 4,
      early_stopping: true,
      length_penalty: 2,
      no_repeat_ngram_size: 3,
      min_length: 56,
      max_length: 142,
      max_new_tokens: null,
    })
  })

  it('puts flags over the user’s JSON over the checkpoint', () => {
    const settings = resolve({
      useCheckpointSearch: true,
      user: {num_beams: 3, length_penalty: 0.5, max_new_tokens: 30},
      flags: {numBeams: 2},
    })
    expect(settings).toMatchObject({num_beams: 2, length_penalty: 0.5, no_repeat_ngram_size: 3})
  })

  it('lets a length of a higher layer replace both lengths below it', () => {
    expect(resolve({user: {max_length: 10}})).toMatchObject({max_length: 10, max_new_tokens: null})
    expect(resolve({user: {max_length: 10}, flags: {maxNewTokens: 5}})).toMatchObject({
      max_length: null,
      max_new_tokens: 5,
    })
    expect(resolve({useCheckpointSearch: true, user: {min_new_tokens: 2}})).toMatchObject({
      min_length: 0,
      min_new_tokens: 2,
    })
  })

  it('samples when a sampling flag is given, and not at temperature 0', () => {
    expect(resolve({flags: {temperature: 0.7}})).toMatchObject({do_sample: true, temperature: 0.7, top_k: 50})
    expect(resolve({flags: {topP: 0.9, topK: 0}})).toMatchObject({do_sample: true, top_p: 0.9, top_k: 0})
    expect(resolve({flags: {temperature: 0}, user: {do_sample: true}})).toMatchObject({
      do_sample: false,
      temperature: 1,
    })
  })

  it('reads an end token list, one stop string and -1 for no padding', () => {
    const settings = resolve({user: {eos_token_id: [2, 7], stop_strings: '\n', pad_token_id: -1}})
    expect(settings).toMatchObject({eos_token_id: [2, 7], stop_strings: ['\n'], pad_token_id: null})
  })

  it('reads null as off', () => {
    expect(
      resolve({user: {do_sample: true, top_k: null, temperature: null, forced_eos_token_id: null}}),
    ).toMatchObject({
      top_k: 0,
      temperature: 1,
      forced_eos_token_id: null,
    })
  })

  it('takes the engine’s tokens where the files are silent', () => {
    expect(resolve({checkpoint: {}})).toMatchObject({eos_token_id: [2], pad_token_id: 1, bos_token_id: 0})
  })

  it('reads config.json only where there is no generation_config.json', () => {
    const config = {forced_bos_token_id: 0, num_beams: 4, hidden_size: 48, model_type: 'bart'}
    expect(resolve({checkpoint: undefined, config})).toMatchObject({forced_bos_token_id: 0, num_beams: 1})
    expect(resolve({checkpoint: {}, config}).forced_bos_token_id).toBeNull()
  })

  it.each([
    [{beam_width: 4}, '--generation: beam_width is not supported'],
    [{num_beam_groups: 2}, '--generation: num_beam_groups is not supported'],
    [{penalty_alpha: 0.6}, '--generation: penalty_alpha is not supported'],
    [{num_beams: '4'}, '--generation: num_beams: Invalid input: expected number, received string: "4"'],
    [{top_p: 1.5}, '--generation: top_p: Too big: expected number to be <=1: 1.5'],
    [
      {bad_words_ids: [[1], []]},
      '--generation: bad_words_ids.1: Too small: expected array to have >=1 items: [[1],[]]',
    ],
    [{early_stopping: 'always'}, '--generation: early_stopping: Invalid input: "always"'],
    [{do_sample: true, temperature: 0}, 'temperature is 0 with do_sample'],
    [{num_return_sequences: 2}, 'num_return_sequences is 2 with num_beams 1'],
    [{decoder_start_token_id: 5}, 'decoder_start_token_id is 5, the checkpoint starts with 2'],
    [[4], '--generation: must be a JSON object of generation settings'],
  ])('refuses %j', (user, message) => {
    expect(() => resolve({user})).toThrow(message)
  })

  it('lists what is supported when it refuses a key', () => {
    expect(() => resolve({user: {beam_width: 4}})).toThrow(
      expect.objectContaining({
        code: 'generation-key-unsupported',
        hint: expect.stringContaining('no_repeat_ngram_size'),
      }),
    )
  })

  it('accepts a whole generation_config.json from the user', () => {
    expect(resolve({checkpoint: {}, user: BART})).toMatchObject({num_beams: 4, length_penalty: 2})
  })

  it('refuses a checkpoint’s key that changes tokens and is not supported, always', () => {
    expect(() => resolve({checkpoint: {...BART, forced_decoder_ids: [[1, 5]]}})).toThrow(
      'generation_config.json: forced_decoder_ids is not supported',
    )
    expect(() => resolve({checkpoint: {...BART, forced_decoder_ids: null}})).not.toThrow()
  })

  it('refuses a checkpoint’s unsupported search only when its search is asked for', () => {
    const checkpoint = {...BART, num_beam_groups: 2, diversity_penalty: 0.5}
    expect(() => resolve({checkpoint})).not.toThrow()
    expect(() => resolve({checkpoint, useCheckpointSearch: true})).toThrow('num_beam_groups is not supported')
  })

  it('ignores what a checkpoint says and nobody reads, as transformers does', () => {
    expect(() =>
      resolve({checkpoint: {...BART, chat_format: 'chatml', use_cache: false}, useCheckpointSearch: true}),
    ).not.toThrow()
  })

  it('reads the search part of a genai_config.json', () => {
    const search = {
      diversity_penalty: 0.0,
      do_sample: false,
      early_stopping: true,
      length_penalty: 1.0,
      max_length: 128,
      min_length: 0,
      no_repeat_ngram_size: 0,
      num_beams: 1,
      num_return_sequences: 1,
      past_present_share_buffer: false,
      repetition_penalty: 1.0,
      temperature: 1.0,
      top_k: 50,
      top_p: 1.0,
    }
    expect(resolve({checkpoint: search, useCheckpointSearch: true})).toMatchObject({
      max_length: 128,
      eos_token_id: [2],
    })
  })
})
