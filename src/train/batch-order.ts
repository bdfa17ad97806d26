import {seededRandom} from '../stats/random.ts'
import type {Example} from './batch.ts'

/** Batches whose examples are sorted by length together: rows of a batch are then alike and little is padded. */
const POOL = 16

/**
 * The batches of one epoch as indices of examples: shuffled, sorted by length inside pools of 16 batches, shuffled again
 * batch by batch. A last batch that is not full is left out, unless it is the only one.
 */
export function epochBatches(
  examples: readonly Example[],
  batchSize: number,
  seed: number,
  epoch: number,
): readonly (readonly number[])[] {
  const random = seededRandom((BigInt(seed) << 32n) + BigInt(epoch))
  const order = shuffled([...examples.keys()], random.below)
  const lengthOf = (index: number): number => {
    const {source, target} = examples[index]!
    return source.length + target.length
  }
  const batches: number[][] = []
  for (let first = 0; first < order.length; first += POOL * batchSize) {
    const pool = order.slice(first, first + POOL * batchSize)
    // Of equal lengths the shuffled order stays: the sort is stable.
    pool.sort((a, b) => lengthOf(a) - lengthOf(b))
    for (let at = 0; at < pool.length; at += batchSize) batches.push(pool.slice(at, at + batchSize))
  }
  const full = batches.filter((batch) => batch.length === batchSize)
  return shuffled(full.length > 0 ? full : batches, random.below)
}

/** Fisher and Yates, in place. */
export function shuffled<Item>(items: Item[], below: (n: number) => number): Item[] {
  for (let at = items.length - 1; at > 0; at--) {
    const other = below(at + 1)
    const item = items[at]!
    items[at] = items[other]!
    items[other] = item
  }
  return items
}

/**
 * Batches one after the other, epoch by epoch: batch `number` is the same whoever asks for it, and whenever.
 * `examplesOf` gives an epoch's examples, equally many in each.
 */
export function batchSequence(
  examplesOf: (epoch: number) => readonly Example[],
  batchSize: number,
  seed: number,
): (number: number) => readonly Example[] {
  let epoch = 0
  let examples = examplesOf(epoch)
  let batches = epochBatches(examples, batchSize, seed, epoch)
  return (number) => {
    const wanted = Math.floor(number / batches.length)
    if (wanted !== epoch) {
      examples = examplesOf(wanted)
      batches = epochBatches(examples, batchSize, seed, wanted)
      epoch = wanted
    }
    return (batches[number % batches.length] ?? []).map((index) => examples[index]!)
  }
}
