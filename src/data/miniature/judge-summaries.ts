import type {Random} from '../../stats/random.ts'
import {pick, shuffled} from './choose.ts'
import {denied, type JudgePair, otherName, type PairKind, type PairSource} from './judge-pair.ts'
import type {MiniatureSplit, Paraphrase} from './miniature.ts'
import type {NameKind} from './names.ts'
import {fill, sentence} from './phrases.ts'
import {EVENT_KINDS, type EventKind} from './xsum-events.ts'
import {eventRecord} from './xsum-mini.ts'

type Values = Readonly<Record<string, string>>

const NAMES: Readonly<Record<string, NameKind>> = {
  p: 'town',
  q: 'town',
  w: 'person',
  f: 'firm',
  g: 'firm',
  r: 'river',
}
/** Numbers and the things that a cause, a crime, a grievance, a food or a find is called. */
const THINGS = ['C', 'K', 'Z', 'U', 'B']
const NUMBERS = ['N', 'x']

/** Two summaries of one event: a name differs. */
export const summaryEntity: PairKind = (source) => differing(source, Object.keys(NAMES))

/** A number differs: in its hundreds, or in years. */
export const summaryNumber: PairKind = (source) => differing(source, NUMBERS)

/** Why it happened, or what it was about, differs. */
export const summaryThing: PairKind = (source) => differing(source, THINGS)

/** Another kind of event with the same names and numbers. */
export const summaryEvent: PairKind = ({random, split, paraphrase, isSupported}) => {
  const [kind, other] = shuffled(random, EVENT_KINDS)
  const values = eventRecord(random, split)
  const said = isSupported ? kind! : other!
  return pair(random, paraphrase, [said, values], [kind!, values], isSupported)
}

/** The summary of another event of the same kind: everything differs. */
export const summaryOther: PairKind = ({random, split, paraphrase, isSupported}) => {
  const kind = pick(random, EVENT_KINDS)
  const values = eventRecord(random, split)
  const said = isSupported ? values : eventRecord(random, split)
  return pair(random, paraphrase, [kind, said], [kind, values], isSupported)
}

/** The summary denied; the supported half is not denied, so that the denial decides. */
export const summaryDenied: PairKind = ({random, split, paraphrase, isSupported}) => {
  const kind = pick(random, EVENT_KINDS)
  const values = eventRecord(random, split)
  const both = pair(random, paraphrase, [kind, values], [kind, values], isSupported)
  if (isSupported) return both
  return random.below(2) === 0
    ? {...both, statement: denied(random, both.statement, paraphrase)}
    : {...both, text: denied(random, both.text, paraphrase)}
}

/** One of the keys, where the kind of event has it, gets another value. */
function differing({random, split, paraphrase, isSupported}: PairSource, keys: readonly string[]): JudgePair {
  for (;;) {
    const kind = pick(random, EVENT_KINDS)
    const present = keys.filter((key) => kind.summaries.every((text) => text.includes(`{${key}}`)))
    if (present.length === 0) continue
    const key = pick(random, present)
    const values = eventRecord(random, split)
    const said = isSupported ? values : {...values, [key]: otherValue(random, split, key, values[key]!)}
    return pair(random, paraphrase, [kind, said], [kind, values], isSupported)
  }
}

function otherValue(random: Random, split: MiniatureSplit, key: string, value: string): string {
  const kind = NAMES[key]
  if (kind !== undefined) return otherName(random, kind, split, value)
  for (;;) {
    const other = eventRecord(random, split)[key]!
    if (plain(other) !== plain(value)) return other
  }
}

/** "more than 400" and "over 400" say the same. */
function plain(value: string): string {
  return value.replace(/^over /, 'more than ')
}

function pair(
  random: Random,
  paraphrase: Paraphrase,
  [saidKind, said]: readonly [EventKind, Values],
  [kind, values]: readonly [EventKind, Values],
  isSupported: boolean,
): JudgePair {
  return {
    statement: summary(random, paraphrase, saidKind, reworded(random, said)),
    text: summary(random, 'seen', kind, values),
    isSupported,
  }
}

/** With held-out phrases the statement has the held-out one, the text one that training knows. */
function summary(random: Random, paraphrase: Paraphrase, {summaries}: EventKind, values: Values): string {
  const template = paraphrase === 'seen' ? pick(random, summaries.slice(0, -1)) : summaries.at(-1)!
  return sentence(fill(template, values))
}

function reworded(random: Random, values: Values): Values {
  const N = plain(values['N']!)
  return {...values, N: random.below(2) === 0 ? N : N.replace(/^more than /, 'over ')}
}
