/** Spearman's rank correlation: Pearson's of ranks, ties at their mean rank, as SciPy's. NaN where one side is constant. */
export function spearman(first: readonly number[], second: readonly number[]): number {
  return pearson(ranks(first), ranks(second))
}

/** Ranks from 1, equal values at the mean of their places. */
function ranks(values: readonly number[]): Float64Array {
  const order = values.map((_, index) => index).sort((a, b) => values[a]! - values[b]!)
  const result = new Float64Array(values.length)
  for (let start = 0; start < order.length; ) {
    let end = start + 1
    while (end < order.length && values[order[end]!] === values[order[start]!]) end += 1
    for (let place = start; place < end; place += 1) result[order[place]!] = (start + end + 1) / 2
    start = end
  }
  return result
}

function pearson(first: Float64Array, second: Float64Array): number {
  const count = first.length
  const means = [first, second].map((values) => values.reduce((sum, value) => sum + value, 0) / count)
  let both = 0
  let ofFirst = 0
  let ofSecond = 0
  for (let index = 0; index < count; index += 1) {
    const x = first[index]! - means[0]!
    const y = second[index]! - means[1]!
    both += x * y
    ofFirst += x * x
    ofSecond += y * y
  }
  return both / Math.sqrt(ofFirst * ofSecond)
}
