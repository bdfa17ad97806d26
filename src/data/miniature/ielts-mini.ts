import type {Random} from '../../stats/random.ts'
import {chance, pick, randomOf, shuffled, weighted} from './choose.ts'
import {
  AGAINST,
  CONCLUSIONS,
  FOR,
  INTRODUCTIONS,
  PROMPTS,
  REASONS,
  STANCES,
  type Stance,
  TOPIC_FIELDS,
  type TopicField,
} from './ielts-topics.ts'
import type {Miniature, MiniatureSplit} from './miniature.ts'
import {isHeldOut} from './names.ts'
import {chooseParaphrase, fill, phrase} from './phrases.ts'

/** Essays beside a prompt in dev and test; the best of them counts. Training has one. */
const REFERENCES = 3

interface Plan {
  readonly stance: Stance
  readonly values: {readonly t: string; readonly a: string; readonly b: string}
}

/**
 * Prompts with a topic, a view for it, one against it and the stance to take, and short essays that follow one plan:
 * introduction, the first side with its reason, the other side, conclusion. Many essays are right, so no score is 1.
 */
export const ieltsMini: Miniature = (split, seed, number) => {
  const random = randomOf('ielts-mini', split, seed, number)
  const paraphrase = chooseParaphrase(random, split)
  const field = pick(random, TOPIC_FIELDS)
  const values = {t: topic(random, split, field), a: pick(random, field.pros), b: pick(random, field.cons)}
  const plan = {stance: weighted(random, {favour: 0.4, against: 0.4, balanced: 0.2}), values}
  const count = split === 'train' ? 1 : REFERENCES
  const row = {
    id: `ielts-mini-${split}-${number}`,
    prompt: `${fill(phrase(random, PROMPTS, paraphrase), values)} ${STANCES[plan.stance]}`,
    essays: Array.from({length: count}, () => essay(random, plan)),
    field: field.id,
    stance: plan.stance,
    paraphrase,
  }
  // One more essay on the same plan: its score against the others is the most that can be expected.
  return [split === 'train' ? row : {...row, redrawn: essay(random, plan)}]
}

/** Describing word and thing; a fifth of the pairs is kept from training. */
function topic(random: Random, split: MiniatureSplit, {describing, things}: TopicField): string {
  for (;;) {
    const [i, j] = [random.below(describing.length), random.below(things.length)]
    if (isHeldOut(i, j) === (split !== 'train')) return `${describing[i]} ${things[j]}`
  }
}

function essay(random: Random, {stance, values}: Plan): string {
  const sides =
    stance === 'balanced'
      ? shuffled(random, [FOR, AGAINST])
      : stance === 'favour'
        ? [FOR, AGAINST]
        : [AGAINST, FOR]
  const [first, second] = sides
  const [reason, other] = shuffled(random, REASONS)
  const sentences = [
    pick(random, INTRODUCTIONS),
    pick(random, first!),
    reason!,
    pick(random, second!),
    ...(chance(random, 0.5) ? [other!] : []),
    pick(random, CONCLUSIONS[stance]),
  ]
  return fill(sentences.join(' '), values)
}
