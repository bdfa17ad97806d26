import type {Random} from '../../stats/random.ts'
import {chance, pick} from './choose.ts'
import type {MiniatureSplit, Paraphrase} from './miniature.ts'

/** A fifth of the texts of dev and test are made of phrases that training never sees. */
const HELD_OUT_SHARE = 0.2

/** Ways to say one thing; `heldOut` ones never occur in training. */
export interface Phrases {
  readonly seen: readonly string[]
  readonly heldOut: readonly string[]
}

export function chooseParaphrase(random: Random, split: MiniatureSplit): Paraphrase {
  return split !== 'train' && chance(random, HELD_OUT_SHARE) ? 'held-out' : 'seen'
}

export function phrase(random: Random, phrases: Phrases, paraphrase: Paraphrase): string {
  return pick(random, paraphrase === 'seen' ? phrases.seen : phrases.heldOut)
}

/** Puts values into `{name}` places; a value is never looked at again. */
export function fill(text: string, values: Readonly<Record<string, string>>): string {
  return text.replaceAll(/\{(\w+)\}/g, (_, name: string) => {
    const value = values[name]
    if (value === undefined) throw new RangeError(`no value for {${name}} in "${text}"`)
    return value
  })
}

/** The text with a capital at its beginning. */
export function sentence(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1)
}
