import {seededRandom} from '../stats/random.ts'

/**
 * More samples than these are drawn and swapped in random groups of equal size instead of one by one. Groups of independent
 * samples are independent too, so swapping them is as exact a test; the width of an interval becomes uncertain by
 * 1/sqrt(2 * 1,250) = 2% at most, about what 10,000 draws leave open anyway.
 */
export const MOST_ROWS = 2500

/** Which row of a resampling table each sample belongs to. */
export interface SampleGroups {
  readonly rows: number
  /** (samples) */
  readonly rowOf: Uint32Array
}

/** One row a sample, or random groups: all of one size but the last, which may be smaller. The same seed gives the same groups. */
export function sampleGroups(count: number, seed: number): SampleGroups {
  const size = Math.max(1, Math.ceil(count / MOST_ROWS))
  const order = Uint32Array.from({length: count}, (_, index) => index)
  if (size > 1) {
    const random = seededRandom(seed)
    for (let last = count - 1; last > 0; last--) {
      const other = random.below(last + 1)
      const held = order[last]!
      order[last] = order[other]!
      order[other] = held
    }
  }
  const rowOf = new Uint32Array(count)
  for (const [position, index] of order.entries()) rowOf[index] = Math.floor(position / size)
  return {rows: Math.ceil(count / size), rowOf}
}
