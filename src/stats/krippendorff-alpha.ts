/** What distance means between two values. */
export type AlphaLevel = 'nominal' | 'ordinal' | 'interval'

/**
 * Krippendorff's alpha (Content Analysis, 2013, chapter 12) for any number of raters and missing values: 1 minus observed
 * over expected disagreement of pairable values. `units[item]`: the values that raters gave it, in any order. Units with
 * fewer than two values say nothing. NaN where no disagreement could be expected.
 */
export function krippendorffAlpha(units: readonly (readonly number[])[], level: AlphaLevel): number {
  const pairable = units.filter((values) => values.length > 1)
  const values = [...new Set(pairable.flat())].sort((a, b) => a - b)
  const place = new Map(values.map((value, index) => [value, index]))
  const counts = new Array<number>(values.length).fill(0)
  for (const unit of pairable) for (const value of unit) counts[place.get(value)!]! += 1
  const distance = distanceOf(level, values, counts)
  let observed = 0
  for (const unit of pairable) {
    const places = unit.map((value) => place.get(value)!)
    let sum = 0
    for (const [index, first] of places.entries())
      for (const second of places.slice(index + 1)) sum += 2 * distance(first, second)
    observed += sum / (unit.length - 1)
  }
  const total = counts.reduce((sum, count) => sum + count, 0)
  let expected = 0
  for (const [first, ours] of counts.entries())
    for (const [second, theirs] of counts.entries()) expected += ours * theirs * distance(first, second)
  return expected === 0 ? Number.NaN : 1 - ((total - 1) * observed) / expected
}

/** The squared distance between two values by their places in order; `counts[place]`: how often each was given. */
function distanceOf(
  level: AlphaLevel,
  values: readonly number[],
  counts: readonly number[],
): (first: number, second: number) => number {
  switch (level) {
    case 'nominal':
      return (first, second) => (first === second ? 0 : 1)
    case 'interval':
      return (first, second) => (values[first]! - values[second]!) ** 2
    case 'ordinal': {
      // How many values lie between two, each end counted half.
      const below = counts.map((_, at) => counts.slice(0, at).reduce((sum, count) => sum + count, 0))
      const middle = counts.map((count, at) => below[at]! + count / 2)
      return (first, second) => (middle[first]! - middle[second]!) ** 2
    }
  }
}
