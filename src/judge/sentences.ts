import {codePieces} from '../data/miniature/code-pieces.ts'

/**
 * Splits a text without a model: at line breaks; for `sentence` after sentence ends, for `code` after statements of the C
 * family. Never gives an empty piece.
 */
export function sentencesOf(text: string, unit: 'sentence' | 'line' | 'code'): string[] {
  if (unit === 'code') return codePieces(text)
  const lines = text.split(/\r?\n/u)
  const pieces = unit === 'line' ? lines : lines.flatMap((line) => [...segments(line)])
  return pieces.map((piece) => piece.trim()).filter((piece) => piece !== '')
}

function* segments(line: string): Generator<string> {
  // The rules of Unicode (UAX 29), the same on every machine of one Node version.
  for (const {segment} of new Intl.Segmenter('en', {granularity: 'sentence'}).segment(line)) yield segment
}
