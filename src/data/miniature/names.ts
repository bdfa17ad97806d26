import type {Random} from '../../stats/random.ts'
import {pick} from './choose.ts'
import type {MiniatureSplit} from './miniature.ts'

export type NameKind = 'person' | 'town' | 'firm' | 'river'

/**
 * Names are made of two parts, so that a small vocabulary holds no whole name and a model has to copy pieces. A fifth
 * of the combinations belongs to dev and test alone; every part occurs in training.
 */
const PARTS: Readonly<Record<NameKind, readonly [readonly string[], readonly string[]]>> = {
  person: [
    words(
      'Mar Kel Tor Ban Sil Dor Fen Hal Jor Lin Nor Per Quin Ros Sam Tal Ul Vin Wes Yar Zel Bri Cor Dan El Gre Hu Is Jul Kas',
    ),
    words('dan vik lo ra mond nis tor wen bert lia mira son gard fina dell ric ton sa via mar bo na rek tha'),
  ],
  town: [
    words(
      'Ash Brook Cald Dun East Fair Glen Hart Iron King Lang Mill North Oak Pen Red Stone Thorn West Win Black Cold Deep Elm',
    ),
    words(
      'bury ford ham field dale port wick mouth bridge haven stead ley worth combe gate moor shaw cliff den hurst',
    ),
  ],
  firm: [
    words(
      'Alto Beni Cordi Delta Euro Fino Giga Helio Inno Jano Kryo Luma Mega Nova Opti Poly Quanta Rapi Sola Tekno',
    ),
    words('corp dyne lex mark net plan soft tech tron ware wave works gen ix cast line'),
  ],
  river: [
    words('Ald Bren Cam Der Esk Fal Gar Hum Ith Kenn Lox Med Nith Ouse Tam Wey'),
    words('er on el ow ine ey ar ent'),
  ],
}

/** A name of the kind that belongs to the split. */
export function name(random: Random, kind: NameKind, split: MiniatureSplit): string {
  const [first, second] = PARTS[kind]
  for (;;) {
    const [i, j] = [random.below(first.length), random.below(second.length)]
    if (isHeldOut(i, j) === (split !== 'train')) return first[i]! + second[j]!
  }
}

/** A name that is none of the others. */
export function freshName(
  random: Random,
  kind: NameKind,
  split: MiniatureSplit,
  others: readonly string[],
): string {
  for (;;) {
    const fresh = name(random, kind, split)
    if (!others.includes(fresh)) return fresh
  }
}

/** Whether a combination of two parts, by their places, is kept from training: every fifth, spread over both. */
export function isHeldOut(first: number, second: number): boolean {
  return (first * 7 + second * 3) % 5 === 0
}

/** Words of a list that is written as one text. */
export function words(text: string): readonly string[] {
  return text.split(' ')
}

export const COLOURS = words('red blue green grey white black brown golden silver yellow')

/** Two words, the second from the list. */
export function coloured(random: Random, things: readonly string[]): string {
  return `${pick(random, COLOURS)} ${pick(random, things)}`
}
