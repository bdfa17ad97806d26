import {
  type ConfusionTable,
  cohenKappa,
  confusionTable,
  type KappaWeights,
  rawAgreement,
} from '../../stats/agreement.ts'
import {type ItemEstimate, itemBootstrap} from '../../stats/item-bootstrap.ts'
import {krippendorffAlpha} from '../../stats/krippendorff-alpha.ts'
import {spearman} from '../../stats/spearman.ts'

/** An item that people labelled and the judge judged. */
export interface LabelledItem {
  /** One for each person. */
  readonly labels: readonly number[]
  /** The judge's word on the labels' scale, before it is rounded to a level. */
  readonly value: number
}

export type AgreementValue = ItemEstimate | {readonly missing: string}

export interface AgreementReport {
  readonly items: number
  /** The distinct labels, rising. */
  readonly levels: readonly number[]
  /** (levels, levels) counts: rows are the labels, columns the judge. */
  readonly confusion: ConfusionTable
  /** The judge against the people's label; each with its 95% bootstrap interval over items. */
  readonly judge: Readonly<Record<AgreementName, AgreementValue>>
  /** Always the commonest label, whatever the item: what a judge must be better than. */
  readonly constant: {readonly level: number} & Readonly<Record<'raw' | 'kappa', AgreementValue>>
  /** The first person against the second, where there are two: what a judge can hope for. */
  readonly people?: Readonly<Record<'raw' | 'kappa', AgreementValue>> & {readonly items: number}
}

export const AGREEMENT_NAMES = [
  'raw',
  'kappa',
  'linearKappa',
  'quadraticKappa',
  'nominalAlpha',
  'ordinalAlpha',
  'spearman',
] as const
export type AgreementName = (typeof AGREEMENT_NAMES)[number]

interface Levelled {
  /** The people's level: the middle one of their labels, the lower of two. */
  readonly people: number
  readonly judge: number
  readonly all: readonly number[]
  readonly value: number
}

/** How far a judge agrees with people. Needs at least one item. */
export function agreementReport(items: readonly LabelledItem[], seed: number): AgreementReport {
  const levels = [...new Set(items.flatMap(({labels}) => labels))].sort((a, b) => a - b)
  const levelled = items.map((item) => levelledItem(item, levels))
  const people = levelled.map((item) => item.people)
  const commonest = commonestOf(people)
  const over = (list: readonly Levelled[]) => estimator(list, levels, seed)
  const ours = over(levelled)
  const constant = over(levelled.map((item) => ({...item, judge: commonest, value: commonest})))
  const both = items.flatMap(({labels}) => {
    const [first, second] = labels
    if (first === undefined || second === undefined) return []
    const [a, b] = [levels.indexOf(first), levels.indexOf(second)]
    return [{people: a, judge: b, all: [a, b], value: second}]
  })
  return {
    items: items.length,
    levels,
    confusion: confusionTable(
      people,
      levelled.map(({judge}) => judge),
      levels.length,
    ),
    judge: Object.fromEntries(AGREEMENT_NAMES.map((name) => [name, ours(name)])) as AgreementReport['judge'], // one for each name
    constant: {level: levels[commonest]!, raw: constant('raw'), kappa: constant('kappa')},
    ...(both.length === 0
      ? {}
      : {people: {items: both.length, raw: over(both)('raw'), kappa: over(both)('kappa')}}),
  }
}

function levelledItem({labels, value}: LabelledItem, levels: readonly number[]): Levelled {
  const sorted = labels.map((label) => levels.indexOf(label)).sort((a, b) => a - b)
  const judge = nearestLevel(value, levels)
  return {people: sorted[Math.floor((sorted.length - 1) / 2)]!, judge, all: [...sorted, judge], value}
}

/** The level nearest to a value; the higher of two. */
export function nearestLevel(value: number, levels: readonly number[]): number {
  let best = 0
  for (const [index, level] of levels.entries())
    if (Math.abs(level - value) <= Math.abs(levels[best]! - value)) best = index
  return best
}

function commonestOf(levels: readonly number[]): number {
  const counts = new Map<number, number>()
  for (const level of levels) counts.set(level, (counts.get(level) ?? 0) + 1)
  return [...counts].reduce((best, entry) => (entry[1] > best[1] ? entry : best))[0]
}

const WEIGHTS: Readonly<Partial<Record<AgreementName, KappaWeights>>> = {
  kappa: 'none',
  linearKappa: 'linear',
  quadraticKappa: 'quadratic',
}

function estimator(
  list: readonly Levelled[],
  levels: readonly number[],
  seed: number,
): (name: AgreementName) => AgreementValue {
  const statistic = (name: AgreementName, items: readonly Levelled[]): number => {
    if (name === 'spearman')
      return spearman(
        items.map(({people}) => levels[people]!),
        items.map(({value}) => value),
      )
    if (name === 'nominalAlpha' || name === 'ordinalAlpha')
      return krippendorffAlpha(
        items.map(({all}) => all),
        name === 'nominalAlpha' ? 'nominal' : 'ordinal',
      )
    const table = confusionTable(
      items.map(({people}) => people),
      items.map(({judge}) => judge),
      levels.length,
    )
    return name === 'raw' ? rawAgreement(table) : cohenKappa(table, WEIGHTS[name])
  }
  return (name) =>
    itemBootstrap(
      list.length,
      (indices) =>
        statistic(
          name,
          Array.from(indices, (index) => list[index]!),
        ),
      {seed, resamples: RESAMPLES},
    ) ?? {missing: 'not defined: one side is constant'}
}

/** Fewer than elsewhere: each of seven statistics is computed anew over all items. */
const RESAMPLES = 2000
