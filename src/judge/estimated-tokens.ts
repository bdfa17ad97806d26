import type {ChatMessage} from '../tokenizer/tokenizer.ts'

/** Tokens that a chat template adds to a message, about. */
const MESSAGE_TOKENS = 4

/**
 * About how many tokens a text is for the tokenizers in use: 4 characters of ASCII each, 1.5 tokens for any other
 * character. Counted on the high side, since budgets are kept by it.
 */
export function estimatedTokens(text: string): number {
  let other = 0
  for (const character of text) if (character > '\u007f') other += 1
  return Math.ceil((text.length - other) / 4 + other * 1.5)
}

export function estimatedPromptTokens(messages: readonly ChatMessage[]): number {
  return messages.reduce((sum, {content}) => sum + estimatedTokens(content) + MESSAGE_TOKENS, 0)
}
