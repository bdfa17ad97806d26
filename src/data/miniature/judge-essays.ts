import {chance, pick} from './choose.ts'
import {ieltsMini} from './ielts-mini.ts'
import {
  AGAINST,
  CONCLUSIONS,
  FOR,
  INTRODUCTIONS,
  type Stance,
  TOPIC_FIELDS,
  type TopicField,
} from './ielts-topics.ts'
import type {JudgePair, PairKind, PairSource} from './judge-pair.ts'
import type {MiniatureRow} from './miniature.ts'
import {isHeldOut} from './names.ts'
import {fill} from './phrases.ts'

/** An essay with what it was made of. */
interface Essay {
  readonly text: string
  readonly field: TopicField
  readonly stance: Stance
  /** Topic, what speaks for it, what against it. */
  readonly values: {readonly t: string; readonly a: string; readonly b: string}
}

/** A view of the essay, or another one on the same topic. */
export const essayView: PairKind = (source) => {
  const {random, isSupported} = source
  const {text, field, values} = drawEssay(source)
  const isFor = chance(random, 0.5)
  const [views, mine] = isFor ? [field.pros, values.a] : [field.cons, values.b]
  const said = isSupported
    ? mine
    : pick(
        random,
        views.filter((view) => view !== mine),
      )
  const statement = fill(pick(random, isFor ? FOR : AGAINST), {a: said, b: said})
  return {statement, text, isSupported}
}

/** What the essay is about, or another topic of the same field. */
export const essayTopic: PairKind = (source) => {
  const {random, isSupported} = source
  const {text, field, values, stance} = drawEssay(source)
  const t = isSupported ? values.t : otherTopic(source, field, values.t)
  const named = [...INTRODUCTIONS, ...CONCLUSIONS[stance].filter((template) => template.includes('{t}'))]
  return {statement: fill(pick(random, named), {t}), text, isSupported}
}

/** The essay's conclusion, or that of another stance. */
export const essayStance: PairKind = (source) => {
  const {random, isSupported} = source
  const {text, stance, values} = drawEssay(source)
  const others = (Object.keys(CONCLUSIONS) as Stance[]).filter((other) => other !== stance) // keys of a Record<Stance, ...>
  const said = isSupported ? stance : pick(random, others)
  return {statement: fill(pick(random, CONCLUSIONS[said]), values), text, isSupported}
}

/** A sentence of the essay itself, or of another one. */
export const essayOther: PairKind = (source): JudgePair => {
  const {text} = drawEssay(source)
  const from = source.isSupported ? text : drawEssay({...source, number: source.number + 1_000_000}).text
  const sentences = from.match(/[^.]+\./g)!.map((one) => one.trim())
  const fitting = source.isSupported ? sentences : sentences.filter((one) => !text.includes(one))
  return {
    statement: pick(source.random, fitting.length > 0 ? fitting : sentences),
    text,
    isSupported: source.isSupported || fitting.length === 0,
  }
}

function drawEssay({split, seed, number}: PairSource): Essay {
  const row = ieltsMini(split, seed, number)[0]!
  const field = TOPIC_FIELDS.find(({id}) => id === row['field'])!
  const prompt = String(row['prompt'])
  const topics = field.describing.flatMap((word) => field.things.map((thing) => `${word} ${thing}`))
  const values = {
    t: topics.find((topic) => prompt.includes(topic))!,
    a: field.pros.find((view) => prompt.includes(view))!,
    b: field.cons.find((view) => prompt.includes(view))!,
  }
  return {text: firstEssay(row), field, stance: row['stance'] as Stance, values} // the generator writes a stance
}

function firstEssay(row: MiniatureRow): string {
  const essays = row['essays']
  return Array.isArray(essays) ? String(essays[0]) : ''
}

function otherTopic({random, split}: PairSource, {describing, things}: TopicField, not: string): string {
  for (;;) {
    const [i, j] = [random.below(describing.length), random.below(things.length)]
    const topic = `${describing[i]} ${things[j]}`
    if (topic !== not && isHeldOut(i, j) === (split !== 'train')) return topic
  }
}
