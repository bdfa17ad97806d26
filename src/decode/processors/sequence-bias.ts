import {FORBIDDEN, type LogitsProcessor} from './logits-processor.ts'

/** A sequence of ids, and what is added to the score of its last id where the ids before it were just written. */
export type SequenceBias = readonly [readonly number[], number]

/**
 * Adds each bias to the token that would complete its sequence. As in transformers a sequence longer than `ids` is left
 * out, although its beginning might fit; of a sequence named twice the last bias holds.
 */
export function sequenceBias(biases: readonly SequenceBias[]): LogitsProcessor {
  const bySequence = new Map(biases.map((bias) => [bias[0].join(' '), bias]))
  const singles = [...bySequence.values()].filter(([sequence]) => sequence.length === 1)
  const longer = [...bySequence.values()].filter(([sequence]) => sequence.length > 1)
  return (scores, ids) => {
    const sums = new Map<number, number>()
    for (const [sequence, bias] of singles) sums.set(sequence[0]!, Math.fround(bias))
    for (const [sequence, bias] of longer) {
      if (sequence.length > ids.length || !endsWith(ids, sequence)) continue
      const last = sequence.at(-1)!
      sums.set(last, Math.fround((sums.get(last) ?? 0) + Math.fround(bias)))
    }
    for (const [id, sum] of sums) scores[id] = scores[id]! + sum
  }
}

/** Forbids completing any of the sequences. An end token alone is no bad word: it stays allowed. */
export function noBadWords(
  badWords: readonly (readonly number[])[],
  endTokens: readonly number[],
): LogitsProcessor {
  return sequenceBias(
    badWords
      .filter((word) => word.length !== 1 || !endTokens.includes(word[0]!))
      .map((word) => [word, FORBIDDEN] as const),
  )
}

/** Whether `ids` end with the sequence without its last id. */
function endsWith(ids: readonly number[], sequence: readonly number[]): boolean {
  const start = ids.length - (sequence.length - 1)
  return sequence.slice(0, -1).every((id, index) => ids[start + index] === id)
}
