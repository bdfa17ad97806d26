import {expect, it} from 'vitest'
import {forwardFlops, trainingFlops} from '../../src/train/training-flops.ts'

const SHAPE = {
  width: 4,
  heads: 2,
  keyValueHeads: 1,
  headSize: 2,
  feedForward: 8,
  encoderLayers: 1,
  decoderLayers: 1,
  vocabulary: 10,
}

it('counts every product of an encoder-decoder, and three times as much for a training step', () => {
  const batch = {rows: 1, sourceLength: 3, targetLength: 2}
  // A token's layer: 4 x 8 for queries, keys and values, 4 x 4 for the output, 2 x 4 x 8 for the feed-forward: 112.
  const encoder = 3 * 112 + 2 * (3 * 4 * 3)
  const decoder = 2 * 112 + 2 * (2 * 4 * 2)
  // Queries and output of the answer's tokens, keys and values of the prompt's, both products of the attention.
  const cross = 2 * (16 + 16) + 3 * (4 * 4) + 2 * (2 * 4 * 3)
  const head = 2 * 4 * 10
  expect(encoder + decoder + cross + head).toBe(904)
  expect(forwardFlops(SHAPE, batch)).toBe(1808)
  expect(trainingFlops(SHAPE, batch)).toBe(5424)
})

it('counts padding in attention alone, and the head where the loss looks', () => {
  const batch = {rows: 2, sourceLength: 0, targetLength: 3, targetTokens: 4, countedTokens: 2}
  const products = 4 * 112 + 2 * (2 * 3 * 4 * 3) + 2 * 4 * 10
  expect(products).toBe(672)
  expect(forwardFlops({...SHAPE, encoderLayers: 0}, batch)).toBe(1344)
})
