/** Holm's step-down adjustment (1979) of p-values, in the order given: reject where the result is at most the level wanted. */
export function holm(pValues: readonly number[]): number[] {
  const rising = pValues.map((p, index) => ({p, index})).sort((a, b) => a.p - b.p)
  const adjusted = new Array<number>(pValues.length).fill(0)
  let largest = 0
  for (const [rank, {p, index}] of rising.entries()) {
    largest = Math.max(largest, Math.min(1, (pValues.length - rank) * p))
    adjusted[index] = largest
  }
  return adjusted
}
