/**
 * Changes one row of scores in place before a token is chosen. Values are float32, computed as torch computes them:
 * a float32 tensor with a number rounds that number to float32 first.
 *
 * `scores`: (vocabulary), raw logits for greedy and sampling, log-probabilities for beams.
 * `ids`: what Hugging Face calls `input_ids`: the prompt (decoder-only) or the decoder's start token, then the new ids.
 * `beam`: which of the prompt's beams or sequences the row is, the best running beam first.
 */
export type LogitsProcessor = (scores: Float32Array, ids: readonly number[], beam: number) => void

export const FORBIDDEN = Number.NEGATIVE_INFINITY
