import type {Random} from '../../stats/random.ts'
import {between, pick} from './choose.ts'
import type {MiniatureSplit} from './miniature.ts'
import {coloured, name, words} from './names.ts'
import type {Phrases} from './phrases.ts'

export type SubjectKind = 'person' | 'firm' | 'town'

type Value = (random: Random, split: MiniatureSplit) => string

/** What can be said and asked of a subject: {s} is the subject, {v} the value. */
export interface Relation {
  readonly id: string
  readonly value: Value
  readonly facts: Phrases
  readonly questions: Phrases
}

const JOBS = words(
  'baker carpenter dentist farmer gardener judge lawyer miner nurse painter pilot plumber sailor singer tailor teacher waiter writer builder chemist',
)
const HOBBIES = words(
  'chess fishing pottery sailing climbing dancing knitting running skating swimming photography cycling drawing hiking cooking',
)
const PETS = words('parrot cat dog horse rabbit goat turtle pony snake duck hamster goose')
const PRODUCTS = words(
  'clocks shoes lamps chairs boats bottles carpets engines candles violins tractors ladders mirrors radios tents umbrellas',
)

const town: Value = (random, split) => name(random, 'town', split)
const person: Value = (random, split) => name(random, 'person', split)
const firm: Value = (random, split) => name(random, 'firm', split)
const river: Value = (random, split) => name(random, 'river', split)
const year: Value = (random) => String(between(random, 1900, 1999))
const people: Value = (random) => `${between(random, 2, 98)},${between(random, 0, 9)}00`
const product: Value = (random) => coloured(random, PRODUCTS)

/** The last phrase of each list is held out from training. */
function relation(
  id: string,
  value: Value,
  facts: readonly string[],
  questions: readonly string[],
): Relation {
  const split = (all: readonly string[]): Phrases => ({seen: all.slice(0, -1), heldOut: all.slice(-1)})
  return {id, value, facts: split(facts), questions: split(questions)}
}

/** Relations by what they are said of. No question begins with a name: after a line break it would have other tokens than inside a text. */
export const RELATIONS: Readonly<Record<SubjectKind, readonly Relation[]>> = {
  person: [
    relation(
      'born',
      town,
      [
        '{s} was born in {v}.',
        '{s} came into the world in {v}.',
        '{v} is the birthplace of {s}.',
        '{s} is a native of {v}.',
      ],
      [
        'Where was {s} born?',
        'In which town was {s} born?',
        'What is the birthplace of {s}?',
        'In which town did {s} come into the world?',
      ],
    ),
    relation(
      'lives',
      town,
      [
        '{s} lives in {v}.',
        'The home of {s} is in {v}.',
        '{s} has a house in {v}.',
        '{s} has settled in the town of {v}.',
      ],
      [
        'Where does {s} live?',
        'In which town does {s} live?',
        'Where is the home of {s}?',
        'In which town has {s} settled?',
      ],
    ),
    relation(
      'works',
      firm,
      ['{s} works for {v}.', '{s} has a job at {v}.', '{v} employs {s}.', '{s} is on the payroll of {v}.'],
      [
        'Who employs {s}?',
        'Which firm does {s} work for?',
        'Where does {s} have a job?',
        'On whose payroll is {s}?',
      ],
    ),
    relation(
      'trade',
      (random) => pick(random, JOBS),
      [
        '{s} is a {v}.',
        '{s} earns a living as a {v}.',
        'By trade {s} is a {v}.',
        '{s} was trained as a {v}.',
      ],
      [
        'What is the trade of {s}?',
        'How does {s} earn a living?',
        'What is {s} by trade?',
        'As what was {s} trained?',
      ],
    ),
    relation(
      'year',
      year,
      [
        '{s} was born in the year {v}.',
        'The birth of {s} dates from {v}.',
        '{s} has been alive since {v}.',
        'The birth year of {s} is {v}.',
      ],
      [
        'When was {s} born?',
        'In which year was {s} born?',
        'Since when has {s} been alive?',
        'What is the birth year of {s}?',
      ],
    ),
    relation(
      'hobby',
      (random) => pick(random, HOBBIES),
      [
        '{s} enjoys {v}.',
        'In the evenings {s} likes {v}.',
        '{s} spends the weekends on {v}.',
        'The hobby of {s} is {v}.',
      ],
      [
        'What does {s} enjoy?',
        'What does {s} like in the evenings?',
        'How does {s} spend the weekends?',
        'What is the hobby of {s}?',
      ],
    ),
    relation(
      'pet',
      (random) => coloured(random, PETS),
      ['{s} owns a {v}.', '{s} keeps a {v} as a pet.', 'A {v} belongs to {s}.', 'The pet of {s} is a {v}.'],
      [
        'What pet does {s} own?',
        'Which animal belongs to {s}?',
        'What does {s} keep as a pet?',
        'Which animal is the pet of {s}?',
      ],
    ),
    relation(
      'spouse',
      person,
      [
        '{s} is married to {v}.',
        'The wedding of {s} was with {v}.',
        '{s} shares a home with the spouse {v}.',
        'The spouse of {s} is {v}.',
      ],
      [
        'Who is {s} married to?',
        'With whom was the wedding of {s}?',
        'With whom does {s} share a home?',
        'Who is the spouse of {s}?',
      ],
    ),
  ],
  firm: [
    relation(
      'based',
      town,
      [
        '{s} is based in {v}.',
        'The head office of {s} is in {v}.',
        '{s} has its main site in {v}.',
        '{v} is the seat of {s}.',
      ],
      [
        'Where is {s} based?',
        'In which town is the head office of {s}?',
        'Where is the main site of {s}?',
        'Which town is the seat of {s}?',
      ],
    ),
    relation(
      'founded',
      year,
      [
        '{s} was founded in {v}.',
        '{s} dates from {v}.',
        'The history of {s} starts in {v}.',
        '{s} was set up in {v}.',
      ],
      [
        'When was {s} founded?',
        'From which year does {s} date?',
        'When does the history of {s} start?',
        'In which year was {s} set up?',
      ],
    ),
    relation(
      'makes',
      product,
      [
        '{s} makes {v}.',
        '{s} sells {v}.',
        'The factory of {s} turns out {v}.',
        'The main product of {s} is {v}.',
      ],
      [
        'What does {s} make?',
        'What does {s} sell?',
        'What does the factory of {s} turn out?',
        'What is the main product of {s}?',
      ],
    ),
    relation(
      'boss',
      person,
      ['{s} is led by {v}.', '{v} is the head of {s}.', 'The director of {s} is {v}.', '{v} runs {s}.'],
      ['Who leads {s}?', 'Who is the head of {s}?', 'Who is the director of {s}?', 'By whom is {s} run?'],
    ),
    relation(
      'owner',
      firm,
      [
        '{s} belongs to {v}.',
        '{v} owns {s}.',
        'The shares of {s} are held by {v}.',
        '{s} is a daughter of {v}.',
      ],
      [
        'To whom does {s} belong?',
        'Who owns {s}?',
        'Who holds the shares of {s}?',
        'Of which firm is {s} a daughter?',
      ],
    ),
  ],
  town: [
    relation(
      'river',
      river,
      [
        '{s} lies on the river {v}.',
        'The river {v} flows through {s}.',
        '{s} stands beside the river {v}.',
        'The river of {s} is the {v}.',
      ],
      [
        'Which river does {s} lie on?',
        'Which river flows through {s}?',
        'Beside which river does {s} stand?',
        'What is the river of {s}?',
      ],
    ),
    relation(
      'people',
      people,
      [
        '{s} has {v} inhabitants.',
        'The population of {s} is {v}.',
        'As many as {v} people live in {s}.',
        '{s} is home to {v} people.',
      ],
      [
        'How many inhabitants does {s} have?',
        'What is the population of {s}?',
        'How many people live in {s}?',
        'To how many people is {s} home?',
      ],
    ),
    relation(
      'fame',
      product,
      [
        '{s} is famous for {v}.',
        '{s} is known for its {v}.',
        'Visitors buy {v} in {s}.',
        'The pride of {s} is its {v}.',
      ],
      [
        'What is {s} famous for?',
        'What is {s} known for?',
        'What do visitors buy in {s}?',
        'What is the pride of {s}?',
      ],
    ),
    relation(
      'mayor',
      person,
      [
        'The mayor of {s} is {v}.',
        '{v} governs {s}.',
        '{s} elected {v} as its mayor.',
        'The town hall of {s} is in the hands of {v}.',
      ],
      [
        'Who is the mayor of {s}?',
        'Who governs {s}?',
        'Whom did {s} elect as its mayor?',
        'In whose hands is the town hall of {s}?',
      ],
    ),
    relation(
      'charter',
      year,
      [
        '{s} became a town in {v}.',
        'The charter of {s} dates from {v}.',
        '{s} has held markets since {v}.',
        'The town rights of {s} were granted in {v}.',
      ],
      [
        'When did {s} become a town?',
        'From which year is the charter of {s}?',
        'Since when has {s} held markets?',
        'When were the town rights of {s} granted?',
      ],
    ),
  ],
}
