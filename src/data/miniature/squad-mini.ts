import type {Random} from '../../stats/random.ts'
import {between, chance, pick, randomOf, shuffled, weighted} from './choose.ts'
import type {Miniature, MiniatureRow, MiniatureSplit, Paraphrase} from './miniature.ts'
import {freshName} from './names.ts'
import {chooseParaphrase, fill, phrase} from './phrases.ts'
import {RELATIONS, type Relation, type SubjectKind} from './squad-relations.ts'

interface Fact {
  readonly subject: string
  readonly relation: Relation
  readonly value: string
}

/** A passage is a table: its subjects are of one kind, its relations are said of several of them, and some cells are empty. */
interface Passage {
  readonly kind: SubjectKind
  readonly subjects: readonly string[]
  readonly relations: readonly Relation[]
  readonly facts: readonly Fact[]
}

/**
 * Kinds of questions. `shared`: answered, and the relation is said of another subject too, so that the subject
 * decides; `single`: answered, and nobody else has the relation; `elsewhere`: no answer, though another subject has
 * the relation; `stranger`: no answer, the subject is not in the passage; `absent`: no answer, nobody has the relation.
 */
type QuestionKind = 'shared' | 'single' | 'elsewhere' | 'stranger' | 'absent'

/** A third has no answer, as in SQuAD 2.0's training set. Most of what "find the relation, ignore the name" would get right is kept rare. */
const QUESTION_WEIGHTS: Readonly<Record<QuestionKind, number>> = {
  shared: 0.57,
  single: 0.1,
  elsewhere: 0.21,
  stranger: 0.08,
  absent: 0.04,
}

/** A passage never begins with a name, which would have other tokens after the line break of the prompt. */
const OPENINGS = [
  'These are notes from an archive.',
  'The following was written down last year.',
  'A short report says this.',
  'Here is what is known.',
  'From the files of the office.',
]

const MOST_FACTS = 8

/** Questions on passages of 2 to 8 facts about 2 to 4 subjects of one kind. */
export const squadMini: Miniature = (split, seed, number) => {
  const random = randomOf('squad-mini', split, seed, number)
  const paraphrase = chooseParaphrase(random, split)
  const passage = makePassage(random, split)
  const context = [
    pick(random, OPENINGS),
    ...passage.facts.map((fact) => stated(random, fact, paraphrase)),
  ].join(' ')
  const rows: MiniatureRow[] = []
  const asked = new Set<string>()
  for (let left = between(random, 1, 4); left > 0; left--) {
    const question = ask(random, split, passage, weighted(random, QUESTION_WEIGHTS))
    if (question === undefined || asked.has(`${question.relation.id} ${question.subject}`)) continue
    asked.add(`${question.relation.id} ${question.subject}`)
    rows.push({
      id: `squad-mini-${split}-${number}-${rows.length}`,
      question: fill(phrase(random, question.relation.questions, paraphrase), {s: question.subject}),
      context,
      answers: question.answer === undefined ? [] : [question.answer],
      kind: question.kind,
      relation: question.relation.id,
      candidates: passage.facts.filter(({relation}) => relation === question.relation).length,
      facts: passage.facts.length,
      paraphrase,
    })
  }
  return rows
}

function makePassage(random: Random, split: MiniatureSplit): Passage {
  const kind = weighted(random, {person: 0.5, firm: 0.25, town: 0.25})
  const subjects: string[] = []
  for (let left = between(random, 2, 4); left > 0; left--)
    subjects.push(freshName(random, kind, split, subjects))
  const most = Math.floor(MOST_FACTS / subjects.length)
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
  return facts.length >= 2
    ? {kind, subjects, relations, facts: shuffled(random, facts)}
    : makePassage(random, split)
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

function stated(random: Random, {relation, subject, value}: Fact, paraphrase: Paraphrase): string {
  return fill(phrase(random, relation.facts, paraphrase), {s: subject, v: value})
}

interface Question {
  readonly kind: QuestionKind
  readonly relation: Relation
  readonly subject: string
  readonly answer: string | undefined
}

/** A question of the kind; undefined when the passage has no place for one. */
function ask(
  random: Random,
  split: MiniatureSplit,
  passage: Passage,
  kind: QuestionKind,
): Question | undefined {
  const {facts, relations, subjects} = passage
  const others = (relation: Relation): number => facts.filter((fact) => fact.relation === relation).length
  if (kind === 'shared' || kind === 'single') {
    const fits = facts.filter(({relation}) =>
      kind === 'shared' ? others(relation) > 1 : others(relation) === 1,
    )
    if (fits.length === 0) return undefined
    const {relation, subject, value} = pick(random, fits)
    return {kind, relation, subject, answer: value}
  }
  if (kind === 'stranger') {
    const subject = freshName(random, passage.kind, split, [...subjects, ...facts.map(({value}) => value)])
    return {kind, relation: pick(random, facts).relation, subject, answer: undefined}
  }
  if (kind === 'absent') {
    const relation = pick(
      random,
      RELATIONS[passage.kind].filter((one) => others(one) === 0),
    )
    return {kind, relation, subject: pick(random, subjects), answer: undefined}
  }
  const holes = relations
    .filter((relation) => others(relation) > 0)
    .flatMap((relation) =>
      subjects
        .filter((subject) => !facts.some((fact) => fact.relation === relation && fact.subject === subject))
        .map((subject) => ({relation, subject})),
    )
  if (holes.length === 0) return undefined
  return {kind, ...pick(random, holes), answer: undefined}
}
