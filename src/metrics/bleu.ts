import type {Metric} from './metric.ts'
import {pythonSplit} from './python-text.ts'
import {tokenCounts} from './token-counts.ts'

/** The longest n-gram that counts. */
const ORDERS = 4

/**
 * BLEU of CodeXGLUE's bleu.py with `smooth=True`: tokens between white space, orders 1 to 4, one added to matches and
 * totals of every order, length of the shortest reference, over the whole corpus. Not comparable with sacreBLEU.
 *
 * Statistics of a sample: matches of orders 1..4, n-grams of orders 1..4 in the prediction, its length, the reference's.
 * Where bleu.py divides by zero (no word predicted, or none in the references) the value is 0.
 */
export const bleu: Metric = {
  id: 'bleu',
  version: 1,
  scale: 100,
  source: 'CodeXGLUE code-to-code-trans bleu.py, smoothed corpus BLEU-4 on white-space tokens',
  statistics: (prediction, references) =>
    references.length === 0 ? undefined : bleuStatistics(prediction, references),
  value: (sums) => 100 * bleuOf(sums),
}

function bleuStatistics(prediction: string, references: readonly string[]): number[] {
  const predicted = pythonSplit(prediction)
  const expected = references.map(pythonSplit)
  const most = new Map<string, number>()
  for (const tokens of expected)
    for (const [gram, count] of tokenCounts(grams(tokens)))
      if (count > (most.get(gram) ?? 0)) most.set(gram, count)
  const matches = [0, 0, 0, 0]
  for (const [gram, count] of tokenCounts(grams(predicted)))
    matches[orderOf(gram) - 1]! += Math.min(count, most.get(gram) ?? 0)
  const totals = matches.map((_, index) => Math.max(predicted.length - index, 0))
  return [...matches, ...totals, predicted.length, Math.min(...expected.map((tokens) => tokens.length))]
}

/** 0..1, from sums laid out as the statistics are. */
function bleuOf(sums: readonly number[]): number {
  const predictedLength = sums[2 * ORDERS]!
  const expectedLength = sums[2 * ORDERS + 1]!
  if (predictedLength === 0 || expectedLength === 0) return 0
  let logarithms = 0
  for (let index = 0; index < ORDERS; index += 1)
    logarithms += (1 / ORDERS) * Math.log((sums[index]! + 1) / (sums[ORDERS + index]! + 1))
  const ratio = predictedLength / expectedLength
  return Math.exp(logarithms) * (ratio > 1 ? 1 : Math.exp(1 - 1 / ratio))
}

/** All n-grams of orders 1..4, words joined by a space, which no word holds. */
function grams(tokens: readonly string[]): string[] {
  const found: string[] = []
  for (let order = 1; order <= ORDERS; order += 1)
    for (let start = 0; start + order <= tokens.length; start += 1)
      found.push(tokens.slice(start, start + order).join(' '))
  return found
}

function orderOf(gram: string): number {
  return gram.split(' ').length
}
