import {FORBIDDEN, type LogitsProcessor} from './logits-processor.ts'

/** Forbids tokens; with `atLength` only when there are exactly so many ids. Ids outside the vocabulary are ignored. */
export function suppressTokens(tokens: readonly number[], atLength?: number): LogitsProcessor {
  return (scores, ids) => {
    if (atLength !== undefined && ids.length !== atLength) return
    for (const id of tokens) if (id >= 0 && id < scores.length) scores[id] = FORBIDDEN
  }
}
