import {isMean} from '../metrics/mean-metric.ts'
import type {Metric} from '../metrics/metric.ts'
import {DEFAULT_RESAMPLES} from '../stats/bootstrap.ts'
import type {Estimate} from '../stats/estimate.ts'
import {metricEstimates, type SampleStatistics, type Summed} from '../stats/metric-estimate.ts'
import {pairedRandomisation} from '../stats/paired-randomisation.ts'
import {isMissing, type Missing} from './checks.ts'
import type {SamplePair} from './pair-samples.ts'
import {type PairedRows, pairedRows} from './paired-rows.ts'
import {type SampleGroups, sampleGroups} from './sample-groups.ts'

/** Of the resampling; the same for all gates, so that equal records give equal verdicts. */
const TEST_SEED = 0

/** A metric of both sides, and the place of its statistics in each. */
export interface PairedMetric {
  readonly metric: Metric
  readonly baselinePlace: number
  readonly runPlace: number
}

/** Over the samples that count on both sides. */
export interface PairedTest {
  readonly baseline: number
  readonly run: number
  /** Run minus baseline, with its 95% percentile interval. */
  readonly difference: Estimate
  /** Two-sided, of no difference. */
  readonly p: number
}

/**
 * Paired bootstrap and paired approximate randomisation of several metrics on the same samples. A resample takes the
 * statistics of both sides of the same samples, which gives the interval of `pairedBootstrap`; metrics share the draws.
 */
export function pairedTests(
  pairs: readonly SamplePair[],
  metrics: readonly PairedMetric[],
  resamples: number = DEFAULT_RESAMPLES,
): (PairedTest | Missing)[] {
  const known = new Map<number, SampleGroups>()
  const groupsOf = (count: number): SampleGroups => {
    const groups = known.get(count) ?? sampleGroups(count, TEST_SEED)
    known.set(count, groups)
    return groups
  }
  const tables = metrics.map(({baselinePlace, runPlace}) =>
    pairedRows(pairs, {baseline: baselinePlace, run: runPlace}, groupsOf),
  )
  const intervals = metricEstimates(
    tables.map((table, index) => differences(metrics[index]!.metric, table)),
    {seed: TEST_SEED, resamples},
  )
  return tables.map((table, index) => {
    const {count, runSums, baselineSums} = table
    if (count === 0) return {missing: 'no sample counts on both sides'}
    const {metric} = metrics[index]!
    const [run, baseline] = [metric.value(runSums, count), metric.value(baselineSums, count)]
    const interval = intervals[index]!
    if (isMissing(interval)) return {run, baseline, difference: {value: 0, low: 0, high: 0, count}, p: 1}
    const p = randomisationP(metric, table, resamples)
    return {run, baseline, difference: {...interval, value: run - baseline, count}, p}
  })
}

interface Differences {
  readonly metric: Summed
  readonly statistics: SampleStatistics
}

/** What is drawn for an interval: a mean's differences, or both sides of a corpus metric. */
function differences(metric: Metric, {run, baseline, count, isChanged}: PairedRows): Differences {
  // A metric that no sample moved needs no draws: each would give 0.
  if (!isChanged) return {metric: {value: () => 0}, statistics: []}
  if (isMean(metric))
    return {
      metric: {value: (sums) => metric.value(sums, count)},
      statistics: run.map((ours, row) => [ours[0]! - baseline[row]![0]!]),
    }
  const width = run[0]?.length ?? 0
  const value = (sums: readonly number[]): number =>
    metric.value(sums.slice(0, width), count) - metric.value(sums.slice(width), count)
  return {metric: {value}, statistics: run.map((ours, row) => [...ours, ...baseline[row]!])}
}

function randomisationP(metric: Metric, {run, baseline, count}: PairedRows, resamples: number): number {
  const value = (sums: readonly number[]): number => metric.value(sums, count)
  return pairedRandomisation(
    {statistics: run, value},
    {statistics: baseline, value},
    {seed: TEST_SEED, resamples},
  ).p
}
