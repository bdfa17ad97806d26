import type {LogitsProcessor} from './logits-processor.ts'

/** Makes tokens that are already there less likely (penalty > 1): negative scores times the penalty, others divided by it. */
export function repetitionPenalty(penalty: number): LogitsProcessor {
  return (scores, ids) => penalise(scores, ids, Math.fround(penalty))
}

/** Makes tokens of the prompt more likely (penalty > 1): the repetition penalty with the inverse number. */
export function encoderRepetitionPenalty(penalty: number, promptIds: readonly number[]): LogitsProcessor {
  return (scores) => penalise(scores, promptIds, Math.fround(1 / penalty))
}

/** Each token once, however often it stands in `ids`. */
function penalise(scores: Float32Array, ids: readonly number[], penalty: number): void {
  for (const id of new Set(ids)) {
    const score = scores[id]!
    scores[id] = score < 0 ? score * penalty : score / penalty
  }
}
