/** Words and numbers whole, every other sign by itself. */
const WORD = /\p{N}+(?:[.,]\p{N}+)*|[\p{L}\p{N}_]+|[^\s\p{L}\p{N}_]/gu

/** Stands before a word that the other text has not. */
const ABSENT = '~'
/** Stands before a word that the other text has, as it has the word before, but never the two in this order. */
const MOVED = '^'

/**
 * A statement and a text, each with marks on what the other has not. Whether two words are the same is what a small network
 * was not seen to learn; what a difference means, it can. Case does not count, and marks that were there are taken out.
 */
export function markedPair(
  statement: string,
  text: string,
): {readonly statement: string; readonly text: string} {
  const [ours, theirs] = [plain(statement), plain(text)]
  return {statement: marked(ours, theirs), text: marked(theirs, ours)}
}

function plain(text: string): string {
  return text.replaceAll(/[~^\s]+/g, ' ').trim()
}

function marked(text: string, other: string): string {
  const words = wordsOf(other)
  const known = new Set(words)
  const pairs = new Set(words.map((word, at) => `${words[at - 1] ?? ''} ${word}`))
  let before = ''
  return text.replaceAll(WORD, (written) => {
    const word = written.toLowerCase()
    const isMoved = known.has(before) && !pairs.has(`${before} ${word}`)
    before = word
    if (!known.has(word)) return `${ABSENT} ${written}`
    return isMoved ? `${MOVED} ${written}` : written
  })
}

function wordsOf(text: string): string[] {
  return (text.match(WORD) ?? []).map((word) => word.toLowerCase())
}
