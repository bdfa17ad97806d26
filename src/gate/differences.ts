import {canonicalJson} from '../config/canonical-json.ts'
import type {DifferenceKind} from '../config/gate-policy.ts'
import {SlmError} from '../errors.ts'
import {termsOf} from '../report/terms.ts'
import type {Side, TaskPart} from './side.ts'

/** A condition that the two sides do not share. */
export interface Difference {
  readonly task: string
  readonly kind: DifferenceKind
  readonly name: string
  readonly baseline: string
  readonly run: string
}

const KINDS: Readonly<Record<string, DifferenceKind>> = {
  'task version': 'task',
  'task definition': 'task',
  prompt: 'prompt',
  'chat template': 'prompt',
  truncation: 'prompt',
  data: 'data',
  split: 'data',
  rows: 'data',
}

/** What must be equal for two sets of scores to be comparable sample by sample, and is not. */
export function differencesOf(
  task: string,
  baseline: {readonly side: Side; readonly part: TaskPart},
  run: {readonly side: Side; readonly part: TaskPart},
): Difference[] {
  const theirs = conditions(baseline)
  const mine = conditions(run)
  return [...new Set([...theirs.keys(), ...mine.keys()])]
    .filter((name) => theirs.get(name)?.value !== mine.get(name)?.value)
    .map((name) => ({
      task,
      kind: theirs.get(name)?.kind ?? mine.get(name)?.kind ?? 'decoding',
      name,
      baseline: theirs.get(name)?.value ?? 'not set',
      run: mine.get(name)?.value ?? 'not set',
    }))
    .filter(
      ({kind, baseline: old, run: now}) => kind !== 'metric' || (old !== 'not set' && now !== 'not set'),
    )
}

interface Condition {
  readonly kind: DifferenceKind
  readonly value: string
}

function conditions({side, part}: {readonly side: Side; readonly part: TaskPart}): Map<string, Condition> {
  const {'rougeL version': _, ...terms} = termsOf(side.facts, part)
  return new Map([
    ...Object.entries(terms).map(([name, value]): [string, Condition] => [
      name,
      {kind: Object.hasOwn(KINDS, name) ? KINDS[name]! : 'decoding', value},
    ]),
    ...part.metrics.map(({id, version}): [string, Condition] => [
      `${id} version`,
      {kind: 'metric', value: String(version)},
    ]),
  ])
}

/** Throws unless every difference was asked for. */
export function refuseDifferences(
  differences: readonly Difference[],
  allowed: readonly DifferenceKind[],
): void {
  const refused = differences.filter(({kind}) => !allowed.includes(kind))
  if (refused.length === 0) return
  const named = refused
    .slice(0, 4)
    .map(({task, name, baseline, run}) => `${task}: ${name} ${run}, in the baseline ${baseline}`)
  const more = refused.length > 4 ? `; and ${refused.length - 4} more` : ''
  const kinds = [...new Set(refused.map(({kind}) => kind))].join(',')
  throw new SlmError('gate-not-comparable', `run and baseline differ: ${named.join('; ')}${more}`, {
    hint: `Run it again under the same conditions, save a new baseline, or give --allow-different ${kinds}.`,
  })
}

/** What changed of the model and the programs around it: the reasons that a reader looks for first. */
export function changesOf(baseline: Side, run: Side): string[] {
  const old = changeable(baseline)
  const now = changeable(run)
  return Object.keys(old)
    .filter((name) => old[name] !== now[name])
    .map((name) => `${name}: ${old[name]} -> ${now[name]}`)
}

function changeable({facts}: Side): Readonly<Record<string, string>> {
  const {model, tokenizer, device, exact, batching, versions} = facts
  return {
    architecture: model.architecture,
    dtype: model.dtype,
    'model files': model.digest.slice(0, 12),
    tokenizer: tokenizer.digest.slice(0, 12),
    device,
    exact: String(exact),
    batching: batching.kind === 'exact' ? 'exact' : canonicalJson(batching),
    ...Object.fromEntries(Object.entries(versions).map(([name, version]) => [`${name} version`, version])),
  }
}
