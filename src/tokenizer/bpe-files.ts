import type {TrainedBpe} from './train-bpe.ts'

/** Ids of the special tokens, as in the paper's tokenizer: padding 0, begin 1, end 2. */
export const SPECIAL_TOKENS = ['<pad>', '<s>', '</s>'] as const

const [PAD, BEGIN, END] = SPECIAL_TOKENS

/** tokenizer.json and what goes with it, by file name, as Hugging Face's tokenizers and transformers read them. */
export function bpeFiles({vocabulary, merges}: TrainedBpe): ReadonlyMap<string, unknown> {
  const flags = {single_word: false, lstrip: false, rstrip: false, normalized: false, special: true}
  const byteLevel = {type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: true}
  const begin = {SpecialToken: {id: BEGIN, type_id: 0}}
  const sequence = (id: string) => ({Sequence: {id, type_id: 0}})
  const names = {pad_token: PAD, bos_token: BEGIN, eos_token: END}
  const tokenizer = {
    version: '1.0',
    truncation: null,
    padding: null,
    added_tokens: SPECIAL_TOKENS.map((content, id) => ({id, content, ...flags})),
    normalizer: null,
    pre_tokenizer: byteLevel,
    post_processor: {
      type: 'TemplateProcessing',
      single: [begin, sequence('A')],
      pair: [begin, sequence('A'), sequence('B')],
      special_tokens: {[BEGIN]: {id: BEGIN, ids: [1], tokens: [BEGIN]}},
    },
    decoder: byteLevel,
    model: {
      type: 'BPE',
      dropout: null,
      unk_token: null,
      continuing_subword_prefix: null,
      end_of_word_suffix: null,
      fuse_unk: false,
      byte_fallback: false,
      ignore_merges: false,
      vocab: Object.fromEntries(vocabulary.map((token, id) => [token, id])),
      merges,
    },
  }
  return new Map<string, unknown>([
    ['tokenizer.json', tokenizer],
    [
      'tokenizer_config.json',
      {tokenizer_class: 'PreTrainedTokenizerFast', ...names, clean_up_tokenization_spaces: false},
    ],
    ['special_tokens_map.json', names],
  ])
}
