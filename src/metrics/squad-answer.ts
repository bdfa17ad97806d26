import {pythonSplit} from './python-text.ts'

/** `string.punctuation` of Python: the 32 signs of ASCII. Curly quotes, dashes and guillemets stay. */
const PUNCTUATION = /[!-/:-@[-`{-~]/g

/** Python's `\b` sees letters, numbers and `_` of all scripts; JavaScript's sees ASCII. */
const ARTICLE = /(?<![\p{L}\p{N}_])(?:a|an|the)(?![\p{L}\p{N}_])/gu

/**
 * The words of an answer as SQuAD's evaluate-v2.0.py normalises it: lower case, punctuation deleted (not spaced:
 * `U.S.` is `us`), articles removed, cut at white space. `the` and `...` leave no words and so mean "no answer".
 */
export function squadTokens(answer: string): string[] {
  return pythonSplit(answer.toLowerCase().replaceAll(PUNCTUATION, '').replaceAll(ARTICLE, ' '))
}

/** References that count: those with words left; without any, the one empty answer. Each as its words. */
export function squadReferences(references: readonly string[]): readonly (readonly string[])[] {
  const kept = references.map(squadTokens).filter((tokens) => tokens.length > 0)
  return kept.length > 0 ? kept : [[]]
}
