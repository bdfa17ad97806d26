import type {Random} from '../stats/random.ts'
import {seededRandom} from '../stats/random.ts'
import {logSumExpBelow} from './log-sum-exp.ts'

/** An odd number that spreads the run's seed over 64 bits, so that (seed, row) and (seed + 1, row - 1) are different streams. */
const SPREAD = 0x9e3779b97f4a7c15n

/** One row's own stream of random numbers: what is drawn depends on the seeds and the row's step, never on its batch. */
export function rowRandom(runSeed: number, rowSeed: number, sequence = 0): Random {
  const run = BigInt.asUintN(64, (BigInt(runSeed) + 1n) * SPREAD)
  const row = BigInt.asUintN(64, (BigInt(sequence) + 1n) * SPREAD + BigInt(rowSeed)) * SPREAD
  return seededRandom(BigInt.asUintN(64, run ^ (row >> 7n) ^ row))
}

/** An index of from <= i < to with probability softmax(scores)[i]; -1 where a score is NaN. `uniform`: in [0, 1). */
export function sampleIndex(scores: Float32Array, from: number, to: number, uniform: number): number {
  let largest = Number.NEGATIVE_INFINITY
  for (let index = from; index < to; index += 1) if (scores[index]! > largest) largest = scores[index]!
  const total = Math.exp(logSumExpBelow(scores, from, to, largest))
  if (Number.isNaN(total)) return -1
  let left = uniform * total
  let last = -1
  for (let index = from; index < to; index += 1) {
    const weight = Math.exp(scores[index]! - largest)
    if (weight === 0) continue
    last = index
    left -= weight
    if (left < 0) return index
  }
  // Rounding can leave a crumb after the last one.
  return last
}

/** `count` different places of `scores`, drawn one after the other by softmax over what is left; forbidden ones never. */
export function sampleIndices(scores: Float32Array, count: number, uniform: () => number): Int32Array {
  const drawn: {readonly index: number; readonly score: number}[] = []
  while (drawn.length < count) {
    const index = sampleIndex(scores, 0, scores.length, uniform())
    if (index < 0) break
    drawn.push({index, score: scores[index]!})
    scores[index] = Number.NEGATIVE_INFINITY
  }
  for (const {index, score} of drawn) scores[index] = score
  return Int32Array.from(drawn, ({index}) => index)
}
