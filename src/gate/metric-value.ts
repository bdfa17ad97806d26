import type {Metric} from '../metrics/metric.ts'
import {isCounted, type Sample, type Statistic} from './side.ts'

/** Sums in the order of the data, as the reference programs sum, and how many samples they are of. */
export interface StatisticSums {
  readonly sums: readonly number[]
  readonly count: number
}

export function sumStatistics(statistics: Iterable<Statistic | undefined>): StatisticSums {
  const sums: number[] = []
  let count = 0
  for (const statistic of statistics) {
    if (!isCounted(statistic)) continue
    count++
    addTo(sums, statistic)
  }
  return {sums, count}
}

/** Adds to sums that may still be empty. */
export function addTo(sums: number[], statistic: Statistic): void {
  if (typeof statistic === 'number') sums[0] = (sums[0] ?? 0) + statistic
  else for (const [place, value] of statistic.entries()) sums[place] = (sums[place] ?? 0) + value
}

/** The metric at this place over the samples that count for it, or why it has no value. */
export function metricValue(
  metric: Metric | undefined,
  samples: readonly Sample[],
  place: number,
): number | {readonly missing: string} {
  if (metric === undefined) return {missing: 'this version of slm has no such metric'}
  const {sums, count} = sumStatistics(
    samples.map((sample) => (sample.status === 'scored' ? sample.statistics[place] : undefined)),
  )
  return count === 0 ? {missing: 'no sample counts for this metric'} : metric.value(sums, count)
}
