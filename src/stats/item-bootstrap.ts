import {DEFAULT_RESAMPLES, percentileInterval, type ResamplingOptions} from './bootstrap.ts'
import type {Estimate} from './estimate.ts'
import {seededRandom} from './random.ts'

/** An estimate, and how many resamples had no value. */
export interface ItemEstimate extends Estimate {
  readonly undefinedResamples: number
}

/**
 * A statistic that does not add up over items (kappa, alpha, a rank correlation) with its 95% percentile interval: items are
 * drawn with replacement and the statistic is computed anew. Resamples without a value (all items at one level) are left out
 * and counted. Undefined where the statistic itself has no value.
 */
export function itemBootstrap(
  items: number,
  statistic: (indices: ArrayLike<number>) => number,
  {seed, resamples = DEFAULT_RESAMPLES}: ResamplingOptions,
): ItemEstimate | undefined {
  const value = items === 0 ? Number.NaN : statistic(Uint32Array.from({length: items}, (_, index) => index))
  if (Number.isNaN(value)) return undefined
  const random = seededRandom(seed)
  const indices = new Uint32Array(items)
  const drawn: number[] = []
  for (let resample = 0; resample < resamples; resample += 1) {
    random.fillBelow(indices, items)
    const one = statistic(indices)
    if (!Number.isNaN(one)) drawn.push(one)
  }
  const estimate = percentileInterval(value, Float64Array.from(drawn), items)
  return {...estimate, undefinedResamples: resamples - drawn.length}
}
