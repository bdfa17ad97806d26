import {pythonSplit} from '../python-text.ts'
import {sharedTokens, tokenCounts} from '../token-counts.ts'

const ORDERS = [1, 2, 3, 4] as const
/** What NLTK's smoothing method 1 gives an order without a match. */
const EPSILON = 0.1
/** Weight of a token that is no keyword. */
const PLAIN_WEIGHT = 0.2
/** CodeBLEU takes the length of a pair (tokens, weights) for the length of the reference in its weighted match. */
const WEIGHTED_REFERENCE_LENGTH = 2

/** Ten statistics: matches of orders 1..4, n-grams of orders 1..4 (at least one), length, length of the closest reference. */
export function precisionStatistics(prediction: string, references: readonly string[]): number[] {
  const predicted = pythonSplit(prediction)
  const expected = references.map(pythonSplit)
  const matches = ORDERS.map((order) => {
    const most = new Map<string, number>()
    for (const tokens of expected)
      for (const [gram, count] of tokenCounts(grams(tokens, order)))
        most.set(gram, Math.max(count, most.get(gram) ?? 0))
    return sharedTokens(tokenCounts(grams(predicted, order)), most)
  })
  const totals = ORDERS.map((order) => Math.max(1, predicted.length - order + 1))
  return [...matches, ...totals, predicted.length, closestLength(expected, predicted.length)]
}

/** Ten statistics of the recall that counts keywords fully and other tokens by a fifth, in order 1 alone. */
export function recallStatistics(
  prediction: string,
  references: readonly string[],
  keywords: ReadonlySet<string>,
): number[] {
  const predicted = pythonSplit(prediction)
  const expected = references.map(pythonSplit)
  const weightOf = (gram: string, order: number): number =>
    order > 1 || keywords.has(gram) ? 1 : PLAIN_WEIGHT
  const sums = ORDERS.map((order) => {
    const counts = tokenCounts(grams(predicted, order))
    let matched = 0
    let total = 0
    for (const tokens of expected) {
      let wanted = 0
      for (const [gram, count] of tokenCounts(grams(tokens, order))) {
        matched += Math.min(count, counts.get(gram) ?? 0) * weightOf(gram, order)
        wanted += count * weightOf(gram, order)
      }
      total += Math.max(1, wanted)
    }
    return {matched, total}
  })
  return [
    ...sums.map(({matched}) => matched),
    ...sums.map(({total}) => total),
    predicted.length,
    WEIGHTED_REFERENCE_LENGTH,
  ]
}

/** 0..1, from ten summed statistics: geometric mean of the four shares and the penalty for brevity, as NLTK's corpus_bleu. */
export function nGramMatch(sums: readonly number[]): number {
  const [length = 0, referenceLength = 0] = sums.slice(8)
  if (sums[0] === 0 || length === 0) return 0
  let logarithms = 0
  for (const index of ORDERS.keys()) {
    const matches = sums[index]!
    logarithms += 0.25 * Math.log((matches === 0 ? EPSILON : matches) / sums[4 + index]!)
  }
  return Math.exp(logarithms) * (length > referenceLength ? 1 : Math.exp(1 - referenceLength / length))
}

function grams(tokens: readonly string[], order: number): string[] {
  const found: string[] = []
  for (let start = 0; start + order <= tokens.length; start += 1)
    found.push(tokens.slice(start, start + order).join(' '))
  return found
}

/** Of equally close ones the shorter. */
function closestLength(references: readonly (readonly string[])[], length: number): number {
  const lengths = references.map((tokens) => tokens.length).sort((a, b) => a - b)
  return lengths.reduce((best, one) => (Math.abs(one - length) < Math.abs(best - length) ? one : best))
}
