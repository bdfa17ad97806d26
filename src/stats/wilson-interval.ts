/** The 97.5% point of the normal distribution. */
const Z = 1.959963984540054

/**
 * 95% score interval of a proportion (Wilson 1927), 0..1. Unlike the bootstrap's it has a width when all samples agree,
 * so it is what to read near 0 and 1. Needs `count` >= 1.
 */
export function wilsonInterval(
  successes: number,
  count: number,
): {readonly low: number; readonly high: number} {
  const share = successes / count
  const square = Z ** 2 / count
  const centre = (share + square / 2) / (1 + square)
  const half = (Z / (1 + square)) * Math.sqrt((share * (1 - share)) / count + square / (4 * count))
  return {
    low: successes === 0 ? 0 : centre - half,
    high: successes === count ? 1 : centre + half,
  }
}
