import type {ChatMessage, Tokenizer} from '../../tokenizer/tokenizer.ts'

export interface PromptText {
  readonly text: string
  readonly ids: readonly number[]
  /** True when a chat template wrote it: the reply begins where it ends, without a space. */
  readonly isChat: boolean
}

/** A conversation for a model without a chat template. */
export function plainConversation(messages: readonly ChatMessage[]): string {
  const last = messages.at(-1)
  const earlier = messages.slice(0, -1).map(({content}) => `${content}\n\n`)
  return `${earlier.join('')}${last?.content ?? ''}\n\nAnswer:`
}

/**
 * The ids of a word where the reply begins: what the tokenizer adds when the word follows the prompt, or the word alone
 * where the prompt's ids would change with it, and for an encoder-decoder model, whose reply stands alone.
 */
export function continuationIds(
  tokenizer: Tokenizer,
  {text, ids, isChat}: PromptText,
  word: string,
  isDecoderOnly: boolean,
): number[] {
  const alone = tokenizer.encode(word, {addSpecialTokens: false})
  if (!isDecoderOnly) return alone
  const piece = isChat ? word : ` ${word}`
  const joined = tokenizer.encode(`${text}${piece}`, {addSpecialTokens: !isChat})
  const isPrefix = joined.length > ids.length && ids.every((id, at) => joined[at] === id)
  return isPrefix ? joined.slice(ids.length) : tokenizer.encode(piece, {addSpecialTokens: false})
}

/** Softmax over log-probabilities: which of the words it is, given that it is one of them. */
export function probabilitiesOf(logprobs: readonly number[]): number[] {
  const largest = Math.max(...logprobs)
  const weights = logprobs.map((value) => Math.exp(value - largest))
  const sum = weights.reduce((total, weight) => total + weight, 0)
  return weights.map((weight) => weight / sum)
}
