import type {Random} from '../../stats/random.ts'
import {chance, pick, shuffled, weighted} from './choose.ts'
import {denied, type JudgePair, otherDigit, otherName, type PairKind} from './judge-pair.ts'
import type {MiniatureSplit, Paraphrase} from './miniature.ts'
import {freshName} from './names.ts'
import {fill, phrase} from './phrases.ts'
import {RELATIONS, type Relation, type SubjectKind} from './squad-relations.ts'

/** What an answer may stand in; the last is held out from training. */
const FRAMES = ['{v}', '{v}', '{v}.', 'in {v}', 'It is {v}.', 'The answer is {v}.', 'That would be {v}.']

interface Fact {
  readonly relation: Relation
  readonly subject: string
  readonly value: string
}

/** Short answers: another value of the same kind. */
export const answerOther: PairKind = ({random, split, paraphrase, isSupported}) => {
  const {relation, value} = drawAnswer(random, split)
  const said = isSupported ? value : freshValue(random, split, relation, [value])
  return answers(random, paraphrase, said, value, isSupported)
}

/** Short answers: a value that differs in a digit or in half of a name. */
export const answerNear: PairKind = ({random, split, paraphrase, isSupported}) => {
  for (;;) {
    const {relation, value} = drawAnswer(random, split)
    const near = nearValue(random, split, relation, value)
    if (near === undefined) continue
    return answers(random, paraphrase, isSupported ? value : near, value, isSupported)
  }
}

/** Facts in a sentence each: the value differs. */
export const factValue: PairKind = ({random, split, paraphrase, isSupported}) => {
  const fact = drawFact(random, split)
  const near = chance(random, 0.4) ? nearValue(random, split, fact.relation, fact.value) : undefined
  const other = near ?? freshValue(random, split, fact.relation, [fact.value])
  const said = isSupported ? fact : {...fact, value: other}
  return facts(random, paraphrase, said, fact, isSupported)
}

/** Facts: they are said of somebody else. */
export const factEntity: PairKind = ({random, split, paraphrase, isSupported}) => {
  const kind = drawKind(random)
  const fact = drawFact(random, split, kind)
  const said = isSupported ? fact : {...fact, subject: otherName(random, kind, split, fact.subject)}
  return facts(random, paraphrase, said, fact, isSupported)
}

/** Facts: something else is said of the same subject, with the same value where the relation allows it. */
export const factRelation: PairKind = ({random, split, paraphrase, isSupported}) => {
  const kind = drawKind(random)
  const fact = drawFact(random, split, kind)
  const others = RELATIONS[kind].filter(({id}) => id !== fact.relation.id)
  const alike = others.filter(({value}) => value === fact.relation.value)
  const relation = alike.length > 0 ? pick(random, alike) : pick(random, others)
  const value = alike.length > 0 ? fact.value : relation.value(random, split)
  const said = isSupported ? fact : {...fact, relation, value}
  return facts(random, paraphrase, said, fact, isSupported)
}

/** Facts: one of the two denies, or both do, or none. */
export const factDenied: PairKind = ({random, split, paraphrase, isSupported}) => {
  const fact = drawFact(random, split)
  const [ours, theirs] = [stated(random, fact, paraphrase), stated(random, fact, paraphrase)]
  const isSaidDenied = chance(random, 0.5)
  const isTextDenied = isSaidDenied === isSupported
  return {
    statement: isSaidDenied ? denied(random, ours, paraphrase) : ours,
    text: isTextDenied ? denied(random, theirs, paraphrase) : theirs,
    isSupported,
  }
}

/** A fact beside a passage of two or three: unsupported ones swap the values of two subjects, so that the name decides. */
export const passageSwapped: PairKind = ({random, split, paraphrase, isSupported}) => {
  const passage = drawPassage(random, split)
  const [fact, other] = [passage[0]!, passage[1]!]
  const said = isSupported ? fact : {...fact, value: other.value}
  return besidePassage(random, paraphrase, said, passage, isSupported)
}

/** A fact beside a passage that tells of other subjects and values alone. */
export const passageAbsent: PairKind = ({random, split, paraphrase, isSupported}) => {
  const [fact, ...others] = drawPassage(random, split)
  const passage = isSupported ? [fact!, ...others] : others
  return besidePassage(random, paraphrase, fact!, passage, isSupported)
}

function answers(
  random: Random,
  paraphrase: Paraphrase,
  said: string,
  value: string,
  isSupported: boolean,
): JudgePair {
  const frame = (): string =>
    paraphrase === 'held-out'
      ? FRAMES.at(-1)!
      : chance(random, 0.5)
        ? '{v}'
        : pick(random, FRAMES.slice(0, -1))
  // A reference is most often the bare value.
  const text = chance(random, 0.7) ? value : fill(frame(), {v: value})
  return {statement: fill(frame(), {v: said}), text, isSupported}
}

function facts(
  random: Random,
  paraphrase: Paraphrase,
  said: Fact,
  fact: Fact,
  isSupported: boolean,
): JudgePair {
  return {
    statement: stated(random, said, paraphrase),
    text: stated(random, fact, paraphrase),
    isSupported,
  }
}

function besidePassage(
  random: Random,
  paraphrase: Paraphrase,
  said: Fact,
  passage: readonly Fact[],
  isSupported: boolean,
): JudgePair {
  const text = shuffled(random, passage)
    .map((fact) => stated(random, fact, paraphrase))
    .join(' ')
  return {statement: stated(random, said, paraphrase), text, isSupported}
}

/** Two or three facts of one relation, each of another subject and with another value. */
function drawPassage(random: Random, split: MiniatureSplit): Fact[] {
  const kind = drawKind(random)
  const relation = pick(random, RELATIONS[kind])
  const passage: Fact[] = []
  for (let left = chance(random, 0.5) ? 2 : 3; left > 0; left--) {
    const subject = freshName(
      random,
      kind,
      split,
      passage.map((fact) => fact.subject),
    )
    const value = freshValue(
      random,
      split,
      relation,
      passage.map((fact) => fact.value),
    )
    passage.push({relation, subject, value})
  }
  return passage
}

/** Words and numbers, which are not names of a split, are kept apart too: a fifth of them belongs to dev and test. */
function drawAnswer(random: Random, split: MiniatureSplit): Fact {
  for (;;) {
    const fact = drawFact(random, split)
    const isName = /^[A-Z]/.test(fact.value)
    if (isName || isHeldOutWord(fact.value) === (split !== 'train')) return fact
  }
}

function isHeldOutWord(word: string): boolean {
  return [...word].reduce((sum, character) => sum * 7 + (character.codePointAt(0) ?? 0), 0) % 5 === 0
}

function drawKind(random: Random): SubjectKind {
  return weighted(random, {person: 0.5, firm: 0.25, town: 0.25})
}

function drawFact(random: Random, split: MiniatureSplit, kind = drawKind(random)): Fact {
  const relation = pick(random, RELATIONS[kind])
  return {
    relation,
    subject: freshName(random, kind, split, []),
    value: relation.value(random, split),
  }
}

function freshValue(
  random: Random,
  split: MiniatureSplit,
  relation: Relation,
  not: readonly string[],
): string {
  for (;;) {
    const value = relation.value(random, split)
    if (!not.includes(value)) return value
  }
}

/** A value that is hard to tell from this one; undefined for plain words. */
function nearValue(
  random: Random,
  split: MiniatureSplit,
  relation: Relation,
  value: string,
): string | undefined {
  if (/\d/.test(value)) return otherDigit(random, value)
  for (let left = 400; left > 0; left--) {
    const other = relation.value(random, split)
    const isAlike = other.slice(0, 3) === value.slice(0, 3) || other.slice(-3) === value.slice(-3)
    if (other !== value && isAlike) return other
  }
  return undefined
}

function stated(random: Random, {relation, subject, value}: Fact, paraphrase: Paraphrase): string {
  return fill(phrase(random, relation.facts, paraphrase), {s: subject, v: value})
}
