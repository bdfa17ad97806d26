const LARGEST_FLOAT32 = 3.4028234663852886e38

/** NaN becomes 0, infinities the largest finite number of their sign. */
export function removeInvalidValues(scores: Float32Array): void {
  for (let index = 0; index < scores.length; index += 1) {
    const score = scores[index]!
    if (Number.isNaN(score)) scores[index] = 0
    else if (score === Number.POSITIVE_INFINITY) scores[index] = LARGEST_FLOAT32
    else if (score === Number.NEGATIVE_INFINITY) scores[index] = -LARGEST_FLOAT32
  }
}
