/** (levels, levels) counts: `table[first][second]` items that the first rater put at one level and the second at another. */
export type ConfusionTable = readonly (readonly number[])[]

/** Counts pairs of levels, 0 .. levels - 1. */
export function confusionTable(
  first: readonly number[],
  second: readonly number[],
  levels: number,
): ConfusionTable {
  const table = Array.from({length: levels}, () => new Array<number>(levels).fill(0))
  for (const [index, level] of first.entries()) table[level]![second[index]!]! += 1
  return table
}

/** Share of items that both raters put at the same level. Needs at least one item. */
export function rawAgreement(table: ConfusionTable): number {
  const same = table.reduce((sum, row, level) => sum + row[level]!, 0)
  return same / totalOf(table)
}

/** How much a disagreement counts by the distance of its levels. */
export type KappaWeights = 'none' | 'linear' | 'quadratic'

/**
 * Cohen's kappa (1960), weighted by distance (Cohen 1968) where that is asked for: 1 minus observed over expected
 * disagreement, as scikit-learn's `cohen_kappa_score`. NaN where no disagreement could be expected, because both raters used
 * one and the same level.
 */
export function cohenKappa(table: ConfusionTable, weights: KappaWeights = 'none'): number {
  const total = totalOf(table)
  const rows = table.map((row) => row.reduce((sum, count) => sum + count, 0))
  const columns = table.map((_, level) => table.reduce((sum, row) => sum + row[level]!, 0))
  let observed = 0
  let expected = 0
  for (const [first, row] of table.entries())
    for (const [second, count] of row.entries()) {
      const weight = WEIGHTS[weights](Math.abs(first - second))
      observed += weight * count
      expected += (weight * rows[first]! * columns[second]!) / total
    }
  return expected === 0 ? Number.NaN : 1 - observed / expected
}

const WEIGHTS: Readonly<Record<KappaWeights, (distance: number) => number>> = {
  none: (distance) => (distance === 0 ? 0 : 1),
  linear: (distance) => distance,
  quadratic: (distance) => distance ** 2,
}

function totalOf(table: ConfusionTable): number {
  return table.reduce((sum, row) => sum + row.reduce((part, count) => part + count, 0), 0)
}
