/**
 * The `q`-quantile (0..1) of ascending values, linear between neighbours: NumPy's default, type 7 of Hyndman and Fan 1996.
 * NaN for no values.
 */
export function percentile(sorted: Float64Array, q: number): number {
  if (sorted.length === 0) return Number.NaN
  const place = q * (sorted.length - 1)
  const below = Math.floor(place)
  const low = sorted[below]!
  const high = sorted[Math.min(below + 1, sorted.length - 1)]!
  const part = place - below
  // From the nearer end, as NumPy's lerp does, so that the result never leaves [low, high].
  return part < 0.5 ? low + (high - low) * part : high - (high - low) * (1 - part)
}
