/** Steps of the table per unit: with a parabola around the nearest step, exp is right to 1.3e-9 of its value. */
const STEPS_PER_UNIT = 256
/** Terms below e^-30 of the largest are left out: a quarter million of them would move the result by less than 3e-8. */
const RANGE = 30

/** exp(-i / STEPS_PER_UNIT). A table, since Math.exp costs five times as much and this runs over the vocabulary at each token. */
const EXPONENTIALS = Float64Array.from({length: RANGE * STEPS_PER_UNIT + 1}, (_, index) =>
  Math.exp(-index / STEPS_PER_UNIT),
)

/** Natural log of the sum of exp(values[i] - largest) over from <= i < to, in float64. NaN where a value is NaN. */
export function logSumExpBelow(values: Float32Array, from: number, to: number, largest: number): number {
  // Two sums side by side: neither waits for the other's addition.
  const middle = from + 2 * Math.floor((to - from) / 2)
  let even = 0
  let odd = 0
  for (let index = from; index < middle; index += 2) {
    even += exponential((largest - values[index]!) * STEPS_PER_UNIT)
    odd += exponential((largest - values[index + 1]!) * STEPS_PER_UNIT)
  }
  if (middle < to) even += exponential((largest - values[middle]!) * STEPS_PER_UNIT)
  return Math.log(even + odd)
}

/** exp(-distance / STEPS_PER_UNIT) for a distance from 0; 0 beyond the range, NaN for NaN. */
function exponential(distance: number): number {
  if (distance < RANGE * STEPS_PER_UNIT) {
    const step = (distance + 0.5) | 0
    const rest = (step - distance) * (1 / STEPS_PER_UNIT)
    return EXPONENTIALS[step]! * (1 + rest * (1 + 0.5 * rest))
  }
  return Math.min(distance, 0)
}

/**
 * log-softmax of from <= i < to in place, in the order of torch's float32 kernel: (x - largest) - log(sum). The sum
 * itself is float64, which torch's is not: scores agree to float32 rounding.
 * Returns what was subtracted, in float64: the natural log of the sum of exp(value). NaN where a value is NaN.
 */
export function logSoftmax(values: Float32Array, from: number, to: number): number {
  let largest = Number.NEGATIVE_INFINITY
  for (let index = from; index < to; index += 1) if (values[index]! > largest) largest = values[index]!
  const logSum = logSumExpBelow(values, from, to, largest)
  const rounded = Math.fround(logSum)
  for (let index = from; index < to; index += 1) {
    values[index] = Math.fround(values[index]! - largest) - rounded
  }
  return largest + logSum
}
