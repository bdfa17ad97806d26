/** Steps of the table per unit: with a cubic around the nearest step, exp is right to 2e-10 of its value. */
const STEPS_PER_UNIT = 64
/** Terms below e^-30 of the largest are left out: a quarter million of them would move the result by less than 3e-8. */
const RANGE = 30

/** exp(-i / STEPS_PER_UNIT). A table, since Math.exp costs four times as much and this runs over the vocabulary at each token. */
const EXPONENTIALS = Float64Array.from({length: RANGE * STEPS_PER_UNIT + 1}, (_, index) =>
  Math.exp(-index / STEPS_PER_UNIT),
)

/** Natural log of the sum of exp(values[i] - largest) over from <= i < to, in float64. NaN where a value is NaN. */
export function logSumExpBelow(values: Float32Array, from: number, to: number, largest: number): number {
  const cut = RANGE * STEPS_PER_UNIT
  let sum = 0
  for (let index = from; index < to; index += 1) {
    const distance = (largest - values[index]!) * STEPS_PER_UNIT
    if (distance < cut) {
      const step = (distance + 0.5) | 0
      const rest = (step - distance) / STEPS_PER_UNIT
      sum += EXPONENTIALS[step]! * (1 + rest * (1 + rest * (0.5 + rest / 6)))
    } else if (Number.isNaN(distance)) return Number.NaN
  }
  return Math.log(sum)
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
