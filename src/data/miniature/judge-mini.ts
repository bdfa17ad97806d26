import {chance, pick, randomOf, weighted} from './choose.ts'
import {
  answerNear,
  answerOther,
  factDenied,
  factEntity,
  factRelation,
  factValue,
  passageAbsent,
  passageSwapped,
} from './judge-answers.ts'
import {codeName, codeOther, codeValue} from './judge-code.ts'
import {essayOther, essayStance, essayTopic, essayView} from './judge-essays.ts'
import type {PairKind} from './judge-pair.ts'
import {
  summaryDenied,
  summaryEntity,
  summaryEvent,
  summaryNumber,
  summaryOther,
  summaryThing,
} from './judge-summaries.ts'
import {markedPair} from './mark-words.ts'
import type {Miniature} from './miniature.ts'
import {chooseParaphrase} from './phrases.ts'

/** Kinds of pairs by what an unsupported statement has wrong, with the weight of each in training, where short ones teach most. */
const KINDS = {
  'answer-other': {make: answerOther, weight: 16},
  'answer-near': {make: answerNear, weight: 20},
  'fact-value': {make: factValue, weight: 8},
  'fact-entity': {make: factEntity, weight: 8},
  'fact-relation': {make: factRelation, weight: 5},
  'fact-denied': {make: factDenied, weight: 4},
  'passage-swapped': {make: passageSwapped, weight: 4},
  'passage-absent': {make: passageAbsent, weight: 4},
  'summary-entity': {make: summaryEntity, weight: 7},
  'summary-number': {make: summaryNumber, weight: 5},
  'summary-thing': {make: summaryThing, weight: 4},
  'summary-event': {make: summaryEvent, weight: 2},
  'summary-other': {make: summaryOther, weight: 2},
  'summary-denied': {make: summaryDenied, weight: 2},
  'essay-view': {make: essayView, weight: 4},
  'essay-topic': {make: essayTopic, weight: 3},
  'essay-stance': {make: essayStance, weight: 2},
  'essay-other': {make: essayOther, weight: 2},
  'code-name': {make: codeName, weight: 4},
  'code-value': {make: codeValue, weight: 3},
  'code-other': {make: codeOther, weight: 2},
} as const satisfies Readonly<Record<string, {readonly make: PairKind; readonly weight: number}>>
type KindName = keyof typeof KINDS

const NAMES = Object.keys(KINDS) as KindName[] // the keys of the table
const WEIGHTS = Object.fromEntries(NAMES.map((name) => [name, KINDS[name].weight])) as Readonly<
  Record<KindName, number>
> // one entry for each name

/**
 * A statement, a text, and whether the text supports it: pairs of the other miniatures' answers, facts, summaries, essays
 * and code. The network reads them with marks on the words that the other one has not.
 */
export const judgeMini: Miniature = (split, seed, number) => {
  const random = randomOf('judge-mini', split, seed, number)
  const paraphrase = chooseParaphrase(random, split)
  // Dev and test have as many pairs of each kind.
  const kind = split === 'train' ? weighted(random, WEIGHTS) : pick(random, NAMES)
  const source = {random, split, paraphrase, isSupported: chance(random, 0.5), seed, number}
  const {statement, text, isSupported} = KINDS[kind].make(source)
  const marked = markedPair(statement, text)
  const label = isSupported ? 'yes' : 'no'
  return [
    {
      id: `judge-mini-${split}-${number}`,
      statement,
      text,
      label,
      markedStatement: marked.statement,
      markedText: marked.text,
      kind,
      paraphrase,
    },
  ]
}
