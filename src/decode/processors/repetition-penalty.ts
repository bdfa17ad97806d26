import type {LogitsProcessor} from './logits-processor.ts'

/** Makes tokens that are already there less likely (penalty > 1): negative scores times the penalty, others divided by it. */
export function repetitionPenalty(penalty: number): LogitsProcessor {
  return (scores, ids) => penalise(scores, ids, Math.fround(penalty))
}

/**
 * Makes tokens of the prompt more likely (penalty > 1): the repetition penalty with the inverse number. Of several beams
 * only the first is changed, which is what transformers 4.57.6 does (it does not repeat the prompt's ids for each beam).
 */
export function encoderRepetitionPenalty(penalty: number, promptIds: readonly number[]): LogitsProcessor {
  return (scores, _, beam) => {
    if (beam === 0) penalise(scores, promptIds, Math.fround(1 / penalty))
  }
}

/** Each token once, however often it stands in `ids`. */
function penalise(scores: Float32Array, ids: readonly number[], penalty: number): void {
  for (const id of new Set(ids)) {
    const score = scores[id]!
    scores[id] = score < 0 ? score * penalty : score / penalty
  }
}
