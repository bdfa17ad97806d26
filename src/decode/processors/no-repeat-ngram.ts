import {FORBIDDEN, type LogitsProcessor} from './logits-processor.ts'

/** Forbids each token that would complete a run of `size` tokens that is already there. */
export function noRepeatNgram(size: number): LogitsProcessor {
  return (scores, ids) => {
    for (const id of followers(ids, ids, size)) scores[id] = FORBIDDEN
  }
}

/** Forbids each token that would complete a run of `size` tokens that the prompt holds. */
export function encoderNoRepeatNgram(size: number, promptIds: readonly number[]): LogitsProcessor {
  return (scores, ids) => {
    for (const id of followers(promptIds, ids, size)) scores[id] = FORBIDDEN
  }
}

/** The tokens that follow the last `size` - 1 of `ids` wherever these stand in `text`. */
function followers(text: readonly number[], ids: readonly number[], size: number): number[] {
  const found: number[] = []
  const before = size - 1
  if (ids.length < before) return found
  const start = ids.length - before
  for (let place = 0; place + before < text.length; place += 1) {
    let same = 0
    while (same < before && text[place + same] === ids[start + same]) same += 1
    if (same === before) found.push(text[place + before]!)
  }
  return found
}
