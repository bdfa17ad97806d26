import type {StepTop} from '../inference/protocol.ts'
import {bestIndices} from './best-indices.ts'

/** The `count` best logits of the row that begins at `from`, best first. */
export function topLogits(logits: Float32Array, from: number, vocabulary: number, count: number): StepTop {
  const best = Array.from(bestIndices(logits, from, from + vocabulary, count))
  return {ids: best.map((index) => index - from), logits: best.map((index) => logits[index]!)}
}
