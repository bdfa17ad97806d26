import {FORBIDDEN, type LogitsProcessor} from './logits-processor.ts'

/** Forbids the end tokens while there are fewer than `length` ids in all. */
export function minLength(length: number, endTokens: readonly number[]): LogitsProcessor {
  return (scores, ids) => {
    if (ids.length < length) for (const id of endTokens) scores[id] = FORBIDDEN
  }
}

/**
 * After `start` new tokens the end tokens' scores rise with each token: by |score| * (factor^(tokens since) - 1).
 * A forbidden end token stays forbidden (torch makes it NaN, which its argmax then takes).
 */
export function exponentialDecay(
  [start, factor]: readonly [number, number],
  endTokens: readonly number[],
  inputLength: number,
): LogitsProcessor {
  return (scores, ids) => {
    const since = ids.length - inputLength - start
    if (since <= 0) return
    const growth = Math.fround(factor ** since - 1)
    for (const id of endTokens) {
      const score = scores[id]!
      if (score !== FORBIDDEN) scores[id] = score + Math.fround(Math.abs(score) * growth)
    }
  }
}
