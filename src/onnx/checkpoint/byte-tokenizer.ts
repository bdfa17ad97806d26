import {byteCharacters} from '../../tokenizer/byte-characters.ts'

/**
 * A tokenizer without merges: one token for each byte of UTF-8, so that it needs no training and knows every text. Ids 0,
 * 1 and 2 are padding, begin and end, as in the paper's tokenizer; byte b is id 3 + b. A text begins with the begin token.
 */
export const BYTE_TOKENS = {pad: 0, begin: 1, end: 2} as const
/** Tokens of the byte tokenizer. */
export const BYTE_VOCABULARY = 259

const SPECIAL = ['<pad>', '<s>', '</s>'] as const

/** The tokenizer's files by name. `paddingSide`: left for decoder-only models, which go on at the end of a row. */
export function byteTokenizerFiles(
  contextLength: number,
  paddingSide: 'left' | 'right',
): ReadonlyMap<string, unknown> {
  return new Map<string, unknown>([
    ['tokenizer.json', tokenizer()],
    [
      'tokenizer_config.json',
      {
        tokenizer_class: 'PreTrainedTokenizerFast',
        model_max_length: contextLength,
        padding_side: paddingSide,
        pad_token: '<pad>',
        bos_token: '<s>',
        eos_token: '</s>',
        clean_up_tokenization_spaces: false,
      },
    ],
    ['special_tokens_map.json', {pad_token: '<pad>', bos_token: '<s>', eos_token: '</s>'}],
  ])
}

function tokenizer(): unknown {
  const flags = {single_word: false, lstrip: false, rstrip: false, normalized: false, special: true}
  const bytes = byteCharacters().map((character, byte) => [character, byte + SPECIAL.length] as const)
  const begin = {SpecialToken: {id: '<s>', type_id: 0}}
  return {
    version: '1.0',
    truncation: null,
    padding: null,
    added_tokens: SPECIAL.map((content, id) => ({id, content, ...flags})),
    normalizer: null,
    pre_tokenizer: {type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: false},
    post_processor: {
      type: 'TemplateProcessing',
      single: [begin, {Sequence: {id: 'A', type_id: 0}}],
      pair: [begin, {Sequence: {id: 'A', type_id: 0}}, {Sequence: {id: 'B', type_id: 0}}],
      special_tokens: {'<s>': {id: '<s>', ids: [BYTE_TOKENS.begin], tokens: ['<s>']}},
    },
    decoder: {type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: false},
    model: {
      type: 'BPE',
      dropout: null,
      unk_token: null,
      continuing_subword_prefix: null,
      end_of_word_suffix: null,
      fuse_unk: false,
      byte_fallback: false,
      ignore_merges: false,
      vocab: Object.fromEntries([...SPECIAL.map((token, id) => [token, id] as const), ...bytes]),
      merges: [],
    },
  }
}
