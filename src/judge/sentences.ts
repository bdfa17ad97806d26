/** Splits a text without a model: at line breaks, and for `sentence` after sentence ends. Never gives an empty piece. */
export function sentencesOf(text: string, unit: 'sentence' | 'line'): string[] {
  const lines = text.split(/\r?\n/u)
  const pieces = unit === 'line' ? lines : lines.flatMap((line) => [...segments(line)])
  return pieces.map((piece) => piece.trim()).filter((piece) => piece !== '')
}

function* segments(line: string): Generator<string> {
  // The rules of Unicode (UAX 29), the same on every machine of one Node version.
  for (const {segment} of new Intl.Segmenter('en', {granularity: 'sentence'}).segment(line)) yield segment
}
