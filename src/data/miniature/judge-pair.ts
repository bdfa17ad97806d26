import type {Random} from '../../stats/random.ts'
import {between, chance, pick} from './choose.ts'
import type {MiniatureSplit, Paraphrase} from './miniature.ts'
import {type NameKind, name} from './names.ts'

/** A statement beside a text that supports it or does not. */
export interface JudgePair {
  readonly statement: string
  readonly text: string
  readonly isSupported: boolean
}

/** Where a pair is drawn from: names and phrases belong to the split. */
export interface PairSource {
  readonly random: Random
  readonly split: MiniatureSplit
  readonly paraphrase: Paraphrase
  readonly isSupported: boolean
  /** Seeds the generators that a pair is taken from. */
  readonly seed: number
  readonly number: number
}

/** Makes one pair of a kind. Every kind is half supported, half not, and its supported half looks like the other one. */
export type PairKind = (source: PairSource) => JudgePair

/** Another name of the kind, in half of the cases one that shares its beginning or its end. */
export function otherName(random: Random, kind: NameKind, split: MiniatureSplit, not: string): string {
  const isNear = chance(random, 0.5)
  for (let left = 400; ; left--) {
    const other = name(random, kind, split)
    const isAlike = other.slice(0, 3) === not.slice(0, 3) || other.slice(-3) === not.slice(-3)
    if (other !== not && (!isNear || isAlike || left <= 0)) return other
  }
}

/** The number with one digit changed; the first digit never becomes 0. */
export function otherDigit(random: Random, number: string): string {
  const places = [...number].flatMap((character, at) => (/\d/.test(character) ? [at] : []))
  const place = pick(random, places)
  for (;;) {
    const digit = String(between(random, place === 0 ? 1 : 0, 9))
    if (digit !== number[place]) return number.slice(0, place) + digit + number.slice(place + 1)
  }
}

/** What denies a whole statement; the last is held out from training. */
const DENIALS = ['It is not true that', 'It is wrong that', 'It is false to say that', 'Nobody can say that']

/** A statement denied. Its first word keeps its capital: it may be a name. */
export function denied(random: Random, statement: string, paraphrase: Paraphrase): string {
  const denial = paraphrase === 'seen' ? pick(random, DENIALS.slice(0, -1)) : DENIALS.at(-1)!
  return `${denial} ${statement}`
}
