import {createHash} from 'node:crypto'
import {type Random, seededRandom} from '../../stats/random.ts'

/** The random numbers of one generated text: by the set, its split, a seed and the text's number, so that no text depends on how many there are. */
export function randomOf(...parts: readonly (string | number)[]): Random {
  return seededRandom(createHash('sha256').update(parts.join('\n')).digest().readBigUInt64BE(0))
}

/** One of the items, each as likely as the others. */
export function pick<Item>(random: Random, items: readonly Item[]): Item {
  const item = items[random.below(items.length)]
  if (item === undefined) throw new RangeError('nothing to pick from')
  return item
}

export function chance(random: Random, probability: number): boolean {
  return random.float() < probability
}

/** A whole number from `low` to `high`, both included. */
export function between(random: Random, low: number, high: number): number {
  return low + random.below(high - low + 1)
}

/** A copy in random order (Fisher and Yates). */
export function shuffled<Item>(random: Random, items: readonly Item[]): Item[] {
  const order = [...items]
  for (let last = order.length - 1; last > 0; last--) {
    const other = random.below(last + 1)
    const kept = order[last]!
    order[last] = order[other]!
    order[other] = kept
  }
  return order
}

/** One of the keys, as likely as its weight says. */
export function weighted<Key extends string>(random: Random, weights: Readonly<Record<Key, number>>): Key {
  const keys = Object.keys(weights) as Key[] // the keys of a Record<Key, ...>
  const total = keys.reduce((sum, key) => sum + weights[key], 0)
  let point = random.float() * total
  for (const key of keys) {
    point -= weights[key]
    if (point < 0) return key
  }
  return keys.at(-1)!
}
