import type {DecoderState, LanguageModel} from '../engine/language-model.ts'

/**
 * Natural-log probability of each continuation after one prompt, under the raw logits. Texts that share a prompt share its
 * prefill. `continuations[i]`: token ids, at least one.
 */
export async function continuationLogprobs(
  model: LanguageModel,
  prompt: readonly number[],
  continuations: readonly (readonly number[])[],
): Promise<number[]> {
  const state = await model.prefill([prompt])
  try {
    const {vocabulary} = model.facts
    const firstSum = logSum(state.logits, 0, vocabulary)
    const logprobs = continuations.map((ids) => state.logits[ids[0]!]! - firstSum)
    const longest = Math.max(...continuations.map((ids) => ids.length))
    if (longest > 1) await addLaterTokens(state, continuations, logprobs, {longest, vocabulary})
    return logprobs
  } finally {
    state.close()
  }
}

async function addLaterTokens(
  state: DecoderState,
  continuations: readonly (readonly number[])[],
  logprobs: number[],
  {longest, vocabulary}: {readonly longest: number; readonly vocabulary: number},
): Promise<void> {
  state.select(new Int32Array(continuations.length))
  for (let place = 1; place < longest; place += 1) {
    // A continuation that has ended goes on with its last token; nobody reads what follows.
    await state.step(Int32Array.from(continuations, (ids) => ids[Math.min(place, ids.length) - 1]!))
    for (const [row, ids] of continuations.entries()) {
      if (place >= ids.length) continue
      const from = row * vocabulary
      logprobs[row]! += state.logits[from + ids[place]!]! - logSum(state.logits, from, vocabulary)
    }
  }
}

/** Natural log of the sum of exp over one row of logits. */
function logSum(logits: Float32Array, from: number, count: number): number {
  let largest = Number.NEGATIVE_INFINITY
  for (let index = from; index < from + count; index += 1) largest = Math.max(largest, logits[index]!)
  let sum = 0
  for (let index = from; index < from + count; index += 1) sum += Math.exp(logits[index]! - largest)
  return largest + Math.log(sum)
}
