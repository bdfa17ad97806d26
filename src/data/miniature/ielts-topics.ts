import {words} from './names.ts'
import type {Phrases} from './phrases.ts'

/** A field of life: its topics (a describing word and a thing each) and what speaks for and against them. */
export interface TopicField {
  readonly id: string
  readonly describing: readonly string[]
  readonly things: readonly string[]
  readonly pros: readonly string[]
  readonly cons: readonly string[]
}

export const TOPIC_FIELDS: readonly TopicField[] = [
  {
    id: 'transport',
    describing: words('free fast electric nightly shared public'),
    things: words('buses trains trams ferries bicycles taxis'),
    pros: [
      'cut traffic in the city',
      'keep the air clean',
      'save families a lot of money',
      'bring workers home safely',
      'give older people more freedom',
      'make it easy to visit friends',
    ],
    cons: [
      'cost the state a lot of money',
      'are often late',
      'need wide and noisy roads',
      'do not reach small villages',
      'are too full in the morning',
      'put drivers out of work',
    ],
  },
  {
    id: 'school',
    describing: words('long online mixed private outdoor silent'),
    things: words('lessons exams classes courses seminars breaks'),
    pros: [
      'let pupils learn at their own speed',
      'teach children to think for themselves',
      'prepare young people for work',
      'help weak pupils to catch up',
      'give teachers time for each child',
      'make friends of strangers',
    ],
    cons: [
      'leave pupils without company',
      'put pressure on young children',
      'ask too much of parents',
      'reward those who already know',
      'take time from sport',
      'need rooms that schools do not have',
    ],
  },
  {
    id: 'health',
    describing: words('cheap fresh frozen sweet foreign organic'),
    things: words('meals drinks snacks breakfasts vegetables sauces'),
    pros: [
      'save time for busy people',
      'keep families at one table',
      'give strength for a long day',
      'help farmers of the region',
      'bring variety to the kitchen',
      'are easy to prepare',
    ],
    cons: [
      'lead to poor health',
      'hold too much sugar',
      'make us forget how to cook',
      'produce a lot of waste',
      'are expensive for students',
      'travel a long way',
    ],
  },
  {
    id: 'city',
    describing: words('tall modern old crowded quiet colourful'),
    things: words('buildings markets parks squares museums libraries'),
    pros: [
      'save land in crowded towns',
      'bring culture to everyone',
      'attract visitors from abroad',
      'give children a place to play',
      'create work for many people',
      'tell us about the past',
    ],
    cons: [
      'block light from the streets',
      'must be paid for by taxes',
      'make rents go up',
      'are difficult to keep clean',
      'drive small shops away',
      'become dangerous at night',
    ],
  },
  {
    id: 'work',
    describing: words('short flexible early remote nightly shared'),
    things: words('shifts offices holidays meetings contracts workshops'),
    pros: [
      'help workers to rest more often',
      'keep hospitals open at all hours',
      'let parents see their children',
      'make firms more productive',
      'bring new ideas',
      'reduce the number of accidents',
    ],
    cons: [
      'harm the sleep of workers',
      'leave no time for long trips',
      'make it hard to plan',
      'weaken the bond between colleagues',
      'cost firms a lot of money',
      'are unfair to older people',
    ],
  },
  {
    id: 'media',
    describing: words('smart violent daily digital local silent'),
    things: words('phones films games newspapers programmes advertisements'),
    pros: [
      'keep families in touch',
      'inform people about the world',
      'help us to relax',
      'give a voice to small groups',
      'train the memory',
      'support good causes',
    ],
    cons: [
      'take attention from work',
      'spread false reports',
      'make children restless',
      'invade our private life',
      'show only one side',
      'waste a great deal of time',
    ],
  },
]

/** The last prompt form is held out. {t} the topic, {a} what speaks for it, {b} against. */
export const PROMPTS: Phrases = {
  seen: [
    'Some people think that {t} {a}. Others say that they {b}. Discuss both views.',
    'It is often said that {t} {a}, while critics answer that they {b}. What do you think?',
    'Supporters believe that {t} {a}; opponents believe that they {b}. Do you agree with the supporters?',
  ],
  heldOut: ['Should the state support {t}, which {a} but also {b}?'],
}

export const STANCES = {
  favour: 'Write in favour.',
  against: 'Write against.',
  balanced: 'Give a balanced answer.',
} as const
export type Stance = keyof typeof STANCES

export const INTRODUCTIONS = [
  'Many people argue about {t}.',
  'The question of {t} divides opinion.',
  'In recent years {t} have been widely discussed.',
  'There is much debate about {t}.',
  'Few subjects are discussed as often as {t}.',
]
export const FOR = [
  'The main benefit is that they {a}.',
  'On the one hand, they {a}.',
  'To begin with, they {a}.',
  'It is clear that they {a}.',
  'Nobody can deny that they {a}.',
]
export const AGAINST = [
  'However, they {b}.',
  'On the other hand, they {b}.',
  'Still, critics are right that they {b}.',
  'It must be admitted that they {b}.',
  'At the same time, they {b}.',
]
export const REASONS = [
  'This matters to most families.',
  'For example, this can be seen in many cities.',
  'As a result, daily life changes.',
  'This is why many voters have a strong opinion.',
  'A friend of mine had this experience.',
  'Studies from several countries show this.',
]
export const CONCLUSIONS: Readonly<Record<Stance, readonly string[]>> = {
  favour: [
    'In conclusion, I believe that the benefits are greater.',
    'To sum up, I support {t}.',
    'All in all, {t} do more good than harm.',
  ],
  against: [
    'In conclusion, I believe that the drawbacks are greater.',
    'To sum up, I would limit {t}.',
    'All in all, {t} do more harm than good.',
  ],
  balanced: [
    'In conclusion, both sides have a point.',
    'To sum up, {t} need clear rules.',
    'All in all, it depends on how {t} are used.',
  ],
}
