import {addTo, sumStatistics} from './metric-value.ts'
import type {SamplePair} from './pair-samples.ts'
import type {SampleGroups} from './sample-groups.ts'
import {isCounted, type Statistic} from './side.ts'

/** One metric on the samples that count on both sides, ready to be drawn. */
export interface PairedRows {
  /** (rows, width): of each sample, or of each group of samples, what the metric sums. */
  readonly run: readonly (readonly number[])[]
  readonly baseline: readonly (readonly number[])[]
  /** Samples. */
  readonly count: number
  /** Whether any sample's statistics differ between the sides. */
  readonly isChanged: boolean
  /** (width): over all samples, in the order of the data. */
  readonly runSums: readonly number[]
  readonly baselineSums: readonly number[]
}

export function pairedRows(
  pairs: readonly SamplePair[],
  places: {readonly baseline: number; readonly run: number},
  groupsOf: (count: number) => SampleGroups,
): PairedRows {
  const ours: Statistic[] = []
  const theirs: Statistic[] = []
  for (const pair of pairs) {
    const [now, old] = [pair.run.statistics[places.run], pair.baseline.statistics[places.baseline]]
    if (!isCounted(now) || !isCounted(old) || widthOf(now) !== widthOf(old)) continue
    ours.push(now)
    theirs.push(old)
  }
  const groups = groupsOf(ours.length)
  return {
    run: rowSums(ours, groups),
    baseline: rowSums(theirs, groups),
    count: ours.length,
    isChanged: ours.some((now, index) => !isSame(now, theirs[index]!)),
    runSums: sumStatistics(ours).sums,
    baselineSums: sumStatistics(theirs).sums,
  }
}

/** (rows, width) */
function rowSums(statistics: readonly Statistic[], {rows, rowOf}: SampleGroups): number[][] {
  const sums = Array.from({length: rows}, (): number[] => [])
  for (const [index, statistic] of statistics.entries()) addTo(sums[rowOf[index]!]!, statistic)
  return sums
}

function widthOf(statistic: Statistic): number {
  return typeof statistic === 'number' ? 1 : statistic.length
}

function isSame(a: Statistic, b: Statistic): boolean {
  if (typeof a === 'number' || typeof b === 'number') return a === b
  return a.every((value, place) => value === b[place])
}
