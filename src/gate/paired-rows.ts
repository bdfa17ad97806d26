import {addTo} from './metric-value.ts'
import type {SamplePair} from './pair-samples.ts'
import {sampleGroups} from './sample-groups.ts'
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
  seed: number,
): PairedRows {
  const counted = pairs.flatMap(({baseline, run}): [Statistic, Statistic][] => {
    const [ours, theirs] = [run.statistics[places.run], baseline.statistics[places.baseline]]
    return isCounted(ours) && isCounted(theirs) && widthOf(ours) === widthOf(theirs) ? [[ours, theirs]] : []
  })
  const {rows, rowOf} = sampleGroups(counted.length, seed)
  const emptyRows = (): number[][] => Array.from({length: rows}, () => [])
  const [run, baseline] = [emptyRows(), emptyRows()]
  const [runSums, baselineSums]: [number[], number[]] = [[], []]
  let isChanged = false
  for (const [index, [ours, theirs]] of counted.entries()) {
    const row = rowOf[index]!
    addTo(run[row]!, ours)
    addTo(baseline[row]!, theirs)
    addTo(runSums, ours)
    addTo(baselineSums, theirs)
    isChanged ||= !isSame(ours, theirs)
  }
  return {run, baseline, count: counted.length, isChanged, runSums, baselineSums}
}

function widthOf(statistic: Statistic): number {
  return typeof statistic === 'number' ? 1 : statistic.length
}

function isSame(a: Statistic, b: Statistic): boolean {
  if (typeof a === 'number' || typeof b === 'number') return a === b
  return a.every((value, place) => value === b[place])
}
