import type {Random} from '../../stats/random.ts'
import {between, pick, randomOf, shuffled} from './choose.ts'
import type {Miniature, MiniatureSplit, Paraphrase} from './miniature.ts'
import {freshName, name, words} from './names.ts'
import {chooseParaphrase, fill, sentence} from './phrases.ts'
import {
  BACKGROUND,
  CAUSES,
  CRIMES,
  EVENT_KINDS,
  type EventKind,
  FINDS,
  FOODS,
  GRIEVANCES,
} from './xsum-events.ts'

const DAYS = words('Monday Tuesday Wednesday Thursday Friday Saturday Sunday')

/**
 * Articles of one large event, one or two small ones and background, in random order, with a one-sentence summary of
 * the large one in other words. Which event is the large one shows by its stake, not by its place.
 */
export const xsumMini: Miniature = (split, seed, number) => {
  const random = randomOf('xsum-mini', split, seed, number)
  const paraphrase = chooseParaphrase(random, split)
  const kind = pick(random, EVENT_KINDS)
  const record = eventRecord(random, split)
  const details = kind.details.map((ways) => fill(detail(random, ways, paraphrase), record))
  const minor = shuffled(random, EVENT_KINDS)
    .filter((other) => other.id !== kind.id)
    .slice(0, between(random, 1, 2))
    .map((other) => minorEvent(random, split, other))
  const background = shuffled(random, BACKGROUND).slice(0, between(random, 1, 3))
  const sentences = articleOrder(random, shuffled(random, details), [...minor, ...background], record)
  const [summary, other] = shuffled(random, summaries(kind, paraphrase)).map((text) =>
    sentence(fill(text, record)),
  )
  return [
    {
      id: `xsum-mini-${split}-${number}`,
      document: sentences.map(sentence).join(' '),
      summary: summary!,
      // The same content in another phrase, never in the same one.
      paraphrased: other ?? summary!,
      kind: kind.id,
      lead: details.includes(sentences[0]!) ? 'main' : 'other',
      paraphrase,
      ...(split === 'train'
        ? {}
        : {redrawn: redrawn(kind, record, randomOf('redrawn', split, seed, number))}),
    },
  ]
}

/**
 * An article begins with a small event or with background in three cases of four, so that copying its lead does not
 * pay. It never begins with a name or a number, which would have other tokens after the line break of the prompt.
 */
function articleOrder(
  random: Random,
  details: readonly string[],
  others: readonly string[],
  record: Readonly<Record<string, string>>,
): string[] {
  const names = ['p', 'q', 'w', 'f', 'g', 'n'].map((key) => record[key] ?? '')
  const plain = details.find((text) => !names.some((one) => text.startsWith(one)))
  const [first, ...rest] = shuffled(random, others)
  if (random.below(4) > 0 || plain === undefined) return [first!, ...shuffled(random, [...details, ...rest])]
  return [plain, ...shuffled(random, [...details.filter((text) => text !== plain), ...others])]
}

/**
 * The summary drawn once more, in phrases that training has: sometimes the same one. Who says the right content in phrases
 * learned from training scores as much on average; there is no more to be expected.
 */
function redrawn(kind: EventKind, record: Readonly<Record<string, string>>, random: Random): string {
  const phrases = summaries(kind, 'seen')
  return sentence(fill(pick(random, phrases), {...record, N: rounded(random, Number(record['n']))}))
}

function detail(random: Random, ways: readonly string[], paraphrase: Paraphrase): string {
  return paraphrase === 'seen' ? pick(random, ways.slice(0, -1)) : ways.at(-1)!
}

/** With held-out phrases the summary is the held-out one, and a seen one beside it. */
function summaries({summaries: all}: EventKind, paraphrase: Paraphrase): readonly string[] {
  return paraphrase === 'seen' ? all.slice(0, -1) : all.slice(-2)
}

/** Names, numbers and words of an event, by the places that its sentences have for them. */
export function eventRecord(random: Random, split: MiniatureSplit): Readonly<Record<string, string>> {
  const [c, C] = pick(random, CAUSES)
  const [k, K] = pick(random, CRIMES)
  const [z, Z] = pick(random, GRIEVANCES)
  const [u, U] = pick(random, FOODS)
  const [b, B] = pick(random, FINDS)
  const n = between(random, 110, 990)
  const x = between(random, 2, 9)
  const p = name(random, 'town', split)
  const f = name(random, 'firm', split)
  return {
    p,
    q: freshName(random, 'town', split, [p]),
    w: name(random, 'person', split),
    f,
    g: freshName(random, 'firm', split, [f]),
    r: name(random, 'river', split),
    n: String(n),
    N: rounded(random, n),
    x: String(x),
    y: String(between(random, 0, x - 1)),
    m: String(between(random, 2, 90)),
    d: pick(random, DAYS),
    ...{c, C, k, K, z, Z, u, U, b, B},
  }
}

function minorEvent(random: Random, split: MiniatureSplit, kind: EventKind): string {
  return fill(pick(random, kind.minor), {q: name(random, 'town', split), s: String(between(random, 2, 20))})
}

/** A number as summaries give it: 413 is "more than 400", 480 is "nearly 500". */
function rounded(random: Random, n: number): string {
  const hundreds = Math.floor(n / 100) * 100
  return n % 100 < 50 ? `${pick(random, ['more than', 'over'])} ${hundreds}` : `nearly ${hundreds + 100}`
}
