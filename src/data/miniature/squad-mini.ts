import type {Random} from '../../stats/random.ts'
import {between, pick, randomOf, weighted} from './choose.ts'
import type {Miniature, MiniatureRow, MiniatureSplit, Paraphrase} from './miniature.ts'
import {freshName} from './names.ts'
import {chooseParaphrase, fill, phrase} from './phrases.ts'
import {FACTS, type Fact, makePassage, type Passage, stated} from './squad-passage.ts'
import {RELATIONS, type Relation} from './squad-relations.ts'

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

/** A question as it is asked and answered; without an answer, `answer` is undefined. */
export interface AskedQuestion extends Question {
  readonly text: string
}

/** A passage as text, with the questions that were asked of it, no two alike. */
export interface AskedPassage {
  readonly passage: Passage
  readonly paraphrase: Paraphrase
  readonly context: string
  readonly questions: readonly AskedQuestion[]
}

export interface SquadShape {
  /** Questions that are drawn for a passage, fewest and most; one for which it has no place falls away. */
  readonly questions: readonly [number, number]
  readonly facts: readonly [number, number]
}

const SHAPE: SquadShape = {questions: [1, 4], facts: FACTS}

/** Questions on passages of 2 to 8 facts about 2 to 4 subjects of one kind. */
export const squadMini: Miniature = (split, seed, number) => squadRows(split, seed, number, SHAPE)

/** One row for each question. */
export function squadRows(
  split: MiniatureSplit,
  seed: number,
  number: number,
  shape: SquadShape,
): readonly MiniatureRow[] {
  const {passage, paraphrase, context, questions} = askedPassage(split, seed, number, shape)
  const valuesOf = (isMeant: (fact: Fact) => boolean): readonly string[] =>
    passage.facts.filter(isMeant).map(({value}) => value)
  return questions.map(({kind, relation, subject, text, answer}, place) => ({
    id: `squad-mini-${split}-${number}-${place}`,
    question: text,
    context,
    answers: answer === undefined ? [] : [answer],
    kind,
    relation: relation.id,
    candidates: passage.facts.filter((fact) => fact.relation === relation).length,
    facts: passage.facts.length,
    paraphrase,
    // What one would guess among who knew the relation alone, or the subject alone.
    ...(split === 'train'
      ? {}
      : {
          sameRelation: valuesOf((fact) => fact.relation === relation),
          sameSubject: valuesOf((fact) => fact.subject === subject),
        }),
  }))
}

/** The passage of a number and its questions, from random numbers of its own. */
export function askedPassage(
  split: MiniatureSplit,
  seed: number,
  number: number,
  shape: SquadShape,
): AskedPassage {
  const random = randomOf('squad-mini', split, seed, number)
  const paraphrase = chooseParaphrase(random, split)
  const passage = makePassage(random, split, shape.facts)
  const context = [
    pick(random, OPENINGS),
    ...passage.facts.map((fact) => stated(random, fact, paraphrase)),
  ].join(' ')
  const questions: AskedQuestion[] = []
  for (let left = between(random, ...shape.questions); left > 0; left--) {
    const question = ask(random, split, passage, weighted(random, QUESTION_WEIGHTS))
    const isAsked = questions.some(
      ({relation, subject}) => relation === question?.relation && subject === question.subject,
    )
    if (question === undefined || isAsked) continue
    const text = fill(phrase(random, question.relation.questions, paraphrase), {s: question.subject})
    questions.push({...question, text})
  }
  return {passage, paraphrase, context, questions}
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
