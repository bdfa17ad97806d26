import {bootstrapEstimate, DEFAULT_RESAMPLES, type Measured, percentileInterval} from '../stats/bootstrap.ts'
import type {Estimate} from '../stats/estimate.ts'
import {pairedBootstrap} from '../stats/paired-bootstrap.ts'
import {pairedRandomisation} from '../stats/paired-randomisation.ts'
import {seededRandom} from '../stats/random.ts'
import {statisticTable, sumRows} from '../stats/statistic-table.ts'

/** The mean of values with its bootstrap interval. */
export function meanEstimate(values: readonly number[], seed: number): Estimate {
  return bootstrapEstimate(meanOf(values), {seed})
}

/**
 * The plain mean of several means, as the paper's Average, however many samples stand behind each. Its interval resamples
 * each part by itself: a stratified percentile bootstrap (Efron and Tibshirani 1993, section 13.3).
 */
export function averageEstimate(parts: readonly (readonly number[])[], seed: number): Estimate {
  const random = seededRandom(seed)
  const averages = new Float64Array(DEFAULT_RESAMPLES)
  for (const values of parts) {
    const table = statisticTable(values.map((value) => [value]))
    const rows = new Uint32Array(table.rows)
    for (let resample = 0; resample < DEFAULT_RESAMPLES; resample++) {
      random.fillBelow(rows, table.rows)
      averages[resample]! += sumRows(table, rows).sums[0]! / table.rows / parts.length
    }
  }
  const means = parts.map((values) => values.reduce((sum, value) => sum + value, 0) / values.length)
  const count = parts.reduce((sum, values) => sum + values.length, 0)
  return percentileInterval(means.reduce((sum, mean) => sum + mean, 0) / parts.length, averages, count)
}

export interface PairedTest {
  /** Mean of the first minus mean of the second. */
  readonly estimate: Estimate
  /** Two-sided, by approximate randomisation. */
  readonly p: number
}

/** Two models on the same samples: `first[i]` and `second[i]` are values of one sample. */
export function pairedTest(first: readonly number[], second: readonly number[], seed: number): PairedTest {
  const [ours, theirs] = [meanOf(first), meanOf(second)]
  return {
    estimate: pairedBootstrap(ours, theirs, {seed}),
    p: pairedRandomisation(ours, theirs, {seed}).p,
  }
}

function meanOf(values: readonly number[]): Measured {
  return {statistics: values.map((value) => [value]), value: (sums, count) => sums[0]! / count}
}
