import {bestIndices} from '../best-indices.ts'
import {logSumExpBelow} from '../log-sum-exp.ts'
import {FORBIDDEN, type LogitsProcessor} from './logits-processor.ts'

/** Divides all scores: above 1 flattens the distribution, below 1 sharpens it. */
export function temperature(divisor: number): LogitsProcessor {
  const rounded = Math.fround(divisor)
  return (scores) => {
    for (let index = 0; index < scores.length; index += 1) scores[index] = scores[index]! / rounded
  }
}

/** Keeps the `count` best tokens, and what equals the last of them. */
export function topK(count: number): LogitsProcessor {
  return (scores) => {
    const last = bestIndices(scores, 0, scores.length, count).at(-1)
    if (last !== undefined) forbidBelow(scores, scores[last]!)
  }
}

/** Keeps the fewest best tokens whose probabilities together reach `mass`; at least `least` of them. */
export function topP(mass: number, least: number): LogitsProcessor {
  return (scores) => {
    const logSum = logSumOf(scores)
    // Sorting the vocabulary is most of the cost, and most distributions need few tokens: look at ever more of the best.
    for (let count = 64; ; count *= 8) {
      const best = bestIndices(scores, 0, scores.length, count)
      let before = 0
      let kept = 0
      while (kept < best.length && (before < mass || kept < least)) {
        before += Math.exp(scores[best[kept]!]! - logSum)
        kept += 1
      }
      if (kept === best.length && best.length === count) continue
      keepOnly(scores, best.subarray(0, kept))
      return
    }
  }
}

/** Keeps tokens with at least `share` of the best token's probability; at least `least` of them. */
export function minP(share: number, least: number): LogitsProcessor {
  return (scores) => {
    const best = bestIndices(scores, 0, scores.length, least)
    const largest = scores[best[0] ?? 0]!
    const kept = new Set(best)
    for (let index = 0; index < scores.length; index += 1) {
      if (Math.exp(scores[index]! - largest) < share && !kept.has(index)) scores[index] = FORBIDDEN
    }
  }
}

/** Keeps tokens of at least probability `least`, and always the `count` best. */
export function epsilonCutoff(least: number, count: number): LogitsProcessor {
  return (scores) => cutBelow(scores, least, count, logSumOf(scores))
}

/** Keeps tokens of at least probability min(epsilon, sqrt(epsilon) * exp(-entropy)), and always the `count` best. */
export function etaCutoff(epsilon: number, count: number): LogitsProcessor {
  return (scores) => {
    const logSum = logSumOf(scores)
    const eta = Math.min(epsilon, Math.sqrt(epsilon) * Math.exp(-entropyOf(scores, logSum)))
    cutBelow(scores, eta, count, logSum)
  }
}

/** Locally typical sampling (Meister et al. 2022): keeps the tokens whose information is nearest the entropy, up to `mass`. */
export function typicalP(mass: number, least: number): LogitsProcessor {
  return (scores) => {
    const logSum = logSumOf(scores)
    const entropy = entropyOf(scores, logSum)
    const distance = (id: number): number => Math.abs(logSum - scores[id]! - entropy)
    const nearest = Array.from(scores.keys())
      .filter((id) => scores[id] !== FORBIDDEN)
      .sort((a, b) => distance(a) - distance(b) || a - b)
    let sum = 0
    let last = 0
    while (last < nearest.length) {
      sum += Math.exp(scores[nearest[last]!]! - logSum)
      if (sum >= mass) break
      last += 1
    }
    const farthest = distance(nearest[Math.min(last, nearest.length - 1)] ?? 0)
    keepOnly(
      scores,
      nearest.filter((id, index) => index < least || distance(id) <= farthest),
    )
  }
}

/** Natural log of the sum of exp(score). */
function logSumOf(scores: Float32Array): number {
  let largest = Number.NEGATIVE_INFINITY
  for (const score of scores) if (score > largest) largest = score
  return largest + logSumExpBelow(scores, 0, scores.length, largest)
}

/** In nats. */
function entropyOf(scores: Float32Array, logSum: number): number {
  let entropy = 0
  for (const score of scores) {
    if (score !== FORBIDDEN) entropy += Math.exp(score - logSum) * (logSum - score)
  }
  return entropy
}

function cutBelow(scores: Float32Array, least: number, count: number, logSum: number): void {
  const last = bestIndices(scores, 0, scores.length, count).at(-1)
  if (last === undefined) return
  const always = scores[last]!
  for (let index = 0; index < scores.length; index += 1) {
    if (Math.exp(scores[index]! - logSum) < least && scores[index]! < always) scores[index] = FORBIDDEN
  }
}

function forbidBelow(scores: Float32Array, least: number): void {
  for (let index = 0; index < scores.length; index += 1) {
    if (scores[index]! < least) scores[index] = FORBIDDEN
  }
}

function keepOnly(scores: Float32Array, ids: ArrayLike<number>): void {
  const values = Array.from(ids, (id) => scores[id]!)
  scores.fill(FORBIDDEN)
  for (let index = 0; index < ids.length; index += 1) scores[ids[index]!] = values[index]!
}
