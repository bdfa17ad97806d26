import {FORBIDDEN, type LogitsProcessor} from './logits-processor.ts'

/** Leaves only `tokens`, with score 0, when there are exactly `length` ids: the first place after a start token, or the last one. */
export function forcedToken(tokens: readonly number[], length: number): LogitsProcessor {
  return (scores, ids) => {
    if (ids.length !== length) return
    scores.fill(FORBIDDEN)
    for (const id of tokens) scores[id] = 0
  }
}
