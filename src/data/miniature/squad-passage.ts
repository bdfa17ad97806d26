import type {Random} from '../../stats/random.ts'
import {between, chance, shuffled, weighted} from './choose.ts'
import type {MiniatureSplit, Paraphrase} from './miniature.ts'
import {freshName} from './names.ts'
import {fill, phrase} from './phrases.ts'
import {RELATIONS, type Relation, type SubjectKind} from './squad-relations.ts'

export interface Fact {
  readonly subject: string
  readonly relation: Relation
  readonly value: string
}

/** A passage is a table: its subjects are of one kind, its relations are said of several of them, and some cells are empty. */
export interface Passage {
  readonly kind: SubjectKind
  readonly subjects: readonly string[]
  readonly relations: readonly Relation[]
  readonly facts: readonly Fact[]
}

/** Facts of a passage, fewest and most. */
export const FACTS = [2, 8] as const

/** A passage with as many facts as `facts` says, both ends included. */
export function makePassage(
  random: Random,
  split: MiniatureSplit,
  [fewest, most]: readonly [number, number] = FACTS,
): Passage {
  for (;;) {
    const passage = anyPassage(random, split)
    if (passage.facts.length >= fewest && passage.facts.length <= most) return passage
  }
}

function anyPassage(random: Random, split: MiniatureSplit): Passage {
  const kind = weighted(random, {person: 0.5, firm: 0.25, town: 0.25})
  const subjects: string[] = []
  for (let left = between(random, 2, 4); left > 0; left--)
    subjects.push(freshName(random, kind, split, subjects))
  const most = Math.floor(FACTS[1] / subjects.length)
  const relations = shuffled(random, RELATIONS[kind]).slice(
    0,
    between(random, Math.min(2, most), Math.min(3, most)),
  )
  const facts: Fact[] = []
  for (const relation of relations)
    for (const subject of subjects) {
      if (chance(random, 0.25)) continue
      facts.push({subject, relation, value: freshValue(random, split, relation, subjects, facts)})
    }
  // A passage that is thrown away draws no order: what comes after it depends on that.
  return {kind, subjects, relations, facts: facts.length < FACTS[0] ? facts : shuffled(random, facts)}
}

/** A value that no other fact of the passage has and that is none of its subjects: else a wrong answer could be right. */
function freshValue(
  random: Random,
  split: MiniatureSplit,
  relation: Relation,
  subjects: readonly string[],
  facts: readonly Fact[],
): string {
  for (;;) {
    const value = relation.value(random, split)
    if (!subjects.includes(value) && !facts.some((fact) => fact.value === value)) return value
  }
}

/** The fact as a sentence. */
export function stated(random: Random, {relation, subject, value}: Fact, paraphrase: Paraphrase): string {
  return fill(phrase(random, relation.facts, paraphrase), {s: subject, v: value})
}
