import {DEFAULT_RESAMPLES, percentileInterval, type ResamplingOptions} from './bootstrap.ts'
import type {Estimate} from './estimate.ts'
import {seededRandom} from './random.ts'

/**
 * The mean over items of the mean over each item's repeats (votes of a judge), with a 95% percentile interval that draws
 * items and, inside each drawn item, repeats: both vary. With one repeat each it is the plain bootstrap of a mean. Needs at
 * least one item, and one repeat in each.
 */
export function repeatedEstimate(
  items: readonly (readonly number[])[],
  {seed, resamples = DEFAULT_RESAMPLES}: ResamplingOptions,
): Estimate {
  const random = seededRandom(seed)
  const indices = new Uint32Array(items.length)
  const drawn = new Float64Array(resamples)
  const means = items.map(meanOf)
  const isRepeated = items.some((repeats) => repeats.length > 1)
  for (let resample = 0; resample < resamples; resample += 1) {
    random.fillBelow(indices, items.length)
    let sum = 0
    for (const index of indices) sum += isRepeated ? redrawn(items[index]!, random.below) : means[index]!
    drawn[resample] = sum / items.length
  }
  return percentileInterval(meanOf(means), drawn, items.length)
}

/** The mean of as many repeats, drawn anew. */
function redrawn(repeats: readonly number[], below: (n: number) => number): number {
  let sum = 0
  for (let draw = 0; draw < repeats.length; draw += 1) sum += repeats[below(repeats.length)]!
  return sum / repeats.length
}

function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}
