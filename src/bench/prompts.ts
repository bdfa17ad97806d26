import {type Random, seededRandom} from '../stats/random.ts'
import type {GenerationRequest} from './process/messages.ts'

/** More than anybody's warm-up. */
const INDICES = 1 << 16

/**
 * Random token ids, `batch` rows of exactly `inputTokens`: speed does not depend on what the text says. Models with equal
 * vocabularies get equal ids. The first `prefixTokens` are the same in all rows, repeats and generations, as a shared prefix is; the rest is
 * new in each, so that nothing kept from an earlier one helps.
 */
export function benchPrompts(
  {batch, inputTokens, prefixTokens, seed, repeat, index}: GenerationRequest,
  vocabulary: number,
): number[][] {
  const prefix = idsOf(seededRandom(seed), prefixTokens, vocabulary)
  const random = seededRandom((BigInt(seed) << 48n) + BigInt(repeat * INDICES + index + 1))
  return Array.from({length: batch}, () => [
    ...prefix,
    ...idsOf(random, inputTokens - prefixTokens, vocabulary),
  ])
}

function idsOf(random: Random, length: number, vocabulary: number): number[] {
  return Array.from({length}, () => random.below(vocabulary))
}
