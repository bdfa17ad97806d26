import type {Estimate} from './estimate.ts'
import {percentile} from './percentile.ts'
import {seededRandom} from './random.ts'
import {statisticTable, sumRows} from './statistic-table.ts'

/** A value of a set of samples, from their summed statistics and their count. */
export type SumsValue = (sums: readonly number[], count: number) => number

/** What is estimated: statistics of each sample (all of one length) and the value their sums have. */
export interface Measured {
  readonly statistics: readonly (readonly number[])[]
  readonly value: SumsValue
}

export interface ResamplingOptions {
  /** Goes into the manifest; the same seed gives the same interval. */
  readonly seed: number
  /** 10,000 unless told: enough for the second digit of an interval's ends. */
  readonly resamples?: number
}

export interface BootstrapOptions extends ResamplingOptions {
  /** The cluster of each sample, where samples of a cluster vary together; absent: samples are independent. */
  readonly clusters?: readonly string[]
}

export const DEFAULT_RESAMPLES = 10_000

/**
 * The value over all samples with its 95% percentile interval (Efron and Tibshirani 1993, section 13.3): samples are drawn
 * with replacement and the value is computed anew from summed statistics, so a corpus metric is never an average of
 * sentence scores. One sample gives an interval of no width. Needs at least one sample.
 */
export function bootstrapEstimate(measured: Measured, options: BootstrapOptions): Estimate {
  return bootstrapEstimates([measured], options)[0]!
}

/**
 * Several values of the same samples from the same draws, which cost the most. Each estimate is what
 * `bootstrapEstimate` gives for it alone.
 */
export function bootstrapEstimates(
  list: readonly Measured[],
  {seed, resamples = DEFAULT_RESAMPLES, clusters}: BootstrapOptions,
): Estimate[] {
  const tables = list.map(({statistics}) => statisticTable(statistics, clusters))
  const indices = new Uint32Array(tables[0]?.rows ?? 0)
  const random = seededRandom(seed)
  const drawn = list.map(() => new Float64Array(resamples))
  for (let resample = 0; resample < resamples; resample += 1) {
    random.fillBelow(indices, indices.length)
    for (const [index, {value}] of list.entries()) {
      const {sums, count} = sumRows(tables[index]!, indices)
      drawn[index]![resample] = value(sums, count)
    }
  }
  return list.map((measured, index) =>
    percentileInterval(valueOverAll(measured), drawn[index]!, measured.statistics.length),
  )
}

/** The estimate from values of resamples, which are sorted in place. */
export function percentileInterval(value: number, drawn: Float64Array, count: number): Estimate {
  drawn.sort()
  const low = percentile(drawn, 0.025)
  const high = percentile(drawn, 0.975)
  // Sums in another order differ in their last bits; an interval of equal samples must still hold its value.
  const rounding = 1e-12 * Math.abs(value)
  return {
    value,
    low: low > value && low - value <= rounding ? value : low,
    high: high < value && value - high <= rounding ? value : high,
    count,
  }
}

/** The value over all samples. Statistics are summed one after the other, as the reference programs do, to the same last bit. */
export function valueOverAll({statistics, value}: Measured): number {
  const sums = (statistics[0] ?? []).map((_, column) =>
    statistics.reduce((sum, sample) => sum + sample[column]!, 0),
  )
  return value(sums, statistics.length)
}
