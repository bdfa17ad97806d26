import type {Tokenizer} from '../../src/tokenizer/tokenizer.ts'

/** One token for each word and each run of white space or punctuation; id 1 begins every text. For tests of prompts. */
export function wordTokenizer(options: {readonly hasChatTemplate?: boolean} = {}): Tokenizer {
  const words = ['<pad>', '<s>']
  const idOf = (word: string): number => (words.includes(word) ? words.indexOf(word) : words.push(word) - 1)
  return {
    digest: 'word-tokenizer',
    vocabulary: 1000,
    hasChatTemplate: options.hasChatTemplate ?? false,
    encode: (text, {addSpecialTokens = true} = {}) => [
      ...(addSpecialTokens ? [1] : []),
      ...(text.match(/\w+|\s+|[^\w\s]+/gu) ?? []).map(idOf),
    ],
    decode: (ids) => ids.map((id) => words[id] ?? '').join(''),
    chat: (messages) => `${messages.map(({role, content}) => `[${role}]${content}`).join('')}[assistant]`,
  }
}
