import type {Estimate} from './estimate.ts'

/** Mass below and above a 95% interval. */
const TAIL = 0.025

/**
 * The median with its 95% percentile bootstrap interval. The distribution of a resample's median is known in closed form
 * (Efron 1979, section 3), so it is summed up instead of drawn: no seed, and no noise of drawing. An even count has the mean
 * of the two middle values as its median, in resamples too. One value gives an interval of no width; up to five values the
 * interval is their range. Needs at least one value.
 */
export function medianEstimate(values: readonly number[]): Estimate {
  const sorted = Float64Array.from(values).sort()
  const count = sorted.length
  const atoms = count % 2 === 1 ? oddAtoms(sorted) : evenAtoms(sorted)
  return {value: median(values), low: quantile(atoms, TAIL), high: quantile(atoms, 1 - TAIL), count}
}

/** The middle value, or the mean of the two middle ones; NaN for no values. */
export function median(values: readonly number[]): number {
  const sorted = Float64Array.from(values).sort()
  const upper = sorted[Math.floor(sorted.length / 2)] ?? Number.NaN
  return sorted.length % 2 === 1 ? upper : (sorted[sorted.length / 2 - 1]! + upper) / 2
}

/**
 * The ratio of two things measured side by side: the median of `first[i] / second[i]` on a logarithmic scale, so that the
 * ratio turned round is its exact reciprocal. Both need equal lengths and positive values.
 */
export function medianRatio(first: readonly number[], second: readonly number[]): Estimate {
  const logs = first.map((value, index) => Math.log(value / second[index]!))
  const {value, low, high, count} = medianEstimate(logs)
  return {value: Math.exp(value), low: Math.exp(low), high: Math.exp(high), count}
}

/** A value that the median of a resample can take, and how likely it is to. */
interface Atom {
  readonly value: number
  readonly mass: number
}

/** The middle draw is at most the i-th value when at least (n + 1) / 2 of n draws are among the first i. */
function oddAtoms(sorted: Float64Array): Atom[] {
  const count = sorted.length
  const middle = (count + 1) / 2
  const atMost = (place: number): number => {
    let sum = 0
    for (let draws = middle; draws <= count; draws++) sum += binomial(count, draws, place / count)
    return sum
  }
  return Array.from(sorted, (value, index) => ({value, mass: atMost(index + 1) - atMost(index)}))
}

/**
 * The two middle draws are the i-th and the j-th value. `split(i, j)`: half of the draws are among the first i and the others
 * behind the first j, so the lower middle draw is at most i and the upper one above j; differences give the mass of each pair.
 */
function evenAtoms(sorted: Float64Array): Atom[] {
  const count = sorted.length
  const half = count / 2
  const split = (i: number, j: number): number =>
    i > j ? 0 : Math.exp(logChoose(count, half) + half * Math.log((i / count) * ((count - j) / count)))
  const atoms: Atom[] = []
  for (let i = 1; i <= count; i++) {
    let apart = 0
    for (let j = i + 1; j <= count; j++) {
      const mass = split(i, j - 1) - split(i - 1, j - 1) - split(i, j) + split(i - 1, j)
      apart += mass
      atoms.push({value: (sorted[i - 1]! + sorted[j - 1]!) / 2, mass})
    }
    atoms.push({value: sorted[i - 1]!, mass: lowerMiddle(count, i) - apart})
  }
  return atoms
}

/** How likely the lower middle draw of an even count is the i-th value. */
function lowerMiddle(count: number, i: number): number {
  const atMost = (place: number): number => {
    let sum = 0
    for (let draws = count / 2; draws <= count; draws++) sum += binomial(count, draws, place / count)
    return sum
  }
  return atMost(i) - atMost(i - 1)
}

function binomial(count: number, successes: number, share: number): number {
  if (share === 0) return successes === 0 ? 1 : 0
  if (share === 1) return successes === count ? 1 : 0
  return Math.exp(
    logChoose(count, successes) + successes * Math.log(share) + (count - successes) * Math.log1p(-share),
  )
}

function logChoose(count: number, chosen: number): number {
  let sum = 0
  for (let index = 1; index <= chosen; index++) sum += Math.log((count - chosen + index) / index)
  return sum
}

/** The least value with at least this much mass up to it; rounding of the masses is forgiven. */
function quantile(atoms: readonly Atom[], mass: number): number {
  const ordered = [...atoms].sort((a, b) => a.value - b.value)
  let sum = 0
  for (const atom of ordered) {
    sum += atom.mass
    if (sum >= mass - 1e-9) return atom.value
  }
  return ordered.at(-1)?.value ?? Number.NaN
}
