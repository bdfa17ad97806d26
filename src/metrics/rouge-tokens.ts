import {porterStem} from './porter-stemmer.ts'

/**
 * Words as rouge_score 0.1.2's DefaultTokenizer cuts them: lower case, runs of `[a-z0-9]`, and with `stem` words of more
 * than three letters stemmed. Text in other scripts gives no words at all.
 */
export function rougeTokens(text: string, stem: boolean): string[] {
  const words = text.toLowerCase().match(/[a-z0-9]+/g) ?? []
  return stem ? words.map((word) => (word.length > 3 ? porterStem(word) : word)) : words
}
