/** For each distinct token of a sequence the set of its positions, as bits: what bit-parallel matching reads. */
export interface MatchMasks {
  /** Tokens in the sequence. */
  readonly length: number
  /** 32-bit words in one mask. */
  readonly words: number
  /** Where a token's mask begins in `bits`; absent when the sequence does not hold the token. */
  readonly offsets: ReadonlyMap<string, number>
  /** (distinct tokens, words), row-major; bit p % 32 of word p / 32 stands for position p. */
  readonly bits: Int32Array
}

export function matchMasks(tokens: readonly string[]): MatchMasks {
  const words = Math.ceil(tokens.length / 32)
  const offsets = new Map<string, number>()
  for (const token of tokens) if (!offsets.has(token)) offsets.set(token, offsets.size * words)
  const bits = new Int32Array(offsets.size * words)
  for (const [position, token] of tokens.entries()) {
    const word = offsets.get(token)! + (position >>> 5)
    bits[word] = bits[word]! | (1 << (position & 31))
  }
  return {length: tokens.length, words, offsets, bits}
}
