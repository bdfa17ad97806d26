import {describe, expect, it} from 'vitest'
import {decodeRows} from './decode-rows.ts'
import {scriptedModel} from './scripted-model.ts'

/** Writes 1, 2, 3, ... one after the other, and the end token 0 after `last`. */
function counting(last: number) {
  const next = (newIds: readonly number[]): number => (newIds.length >= last ? 0 : newIds.length + 1)
  return scriptedModel({
    logits: (_, newIds) => Array.from({length: 17}, (_, token) => (token === next(newIds) ? 5 : -token / 8)),
  })
}

describe('a row', () => {
  it('ends with its end token, which belongs to it', async () => {
    expect(await decodeRows(counting(3), [[9]])).toMatchObject([{newIds: [1, 2, 3, 0], finish: 'end-token'}])
  })

  it('ends at the length', async () => {
    const rows = await decodeRows(counting(9), [[9]], {generation: {max_new_tokens: 2}})
    expect(rows).toMatchObject([{newIds: [1, 2], finish: 'length'}])
  })

  it('ends at max_length, which counts the prompt', async () => {
    const generation = {max_new_tokens: null, max_length: 5}
    const rows = await decodeRows(
      counting(9),
      [
        [9, 9],
        [9, 9, 9, 9, 9],
      ],
      {generation},
    )
    expect(rows).toMatchObject([
      {newIds: [1, 2, 3], finish: 'length'},
      {error: 'max_length 5 leaves no place after 5 ids of input'},
    ])
  })

  it('ends where its text stops it, with the token that completed the text', async () => {
    for (const num_beams of [1, 2]) {
      const rows = await decodeRows(counting(9), [[9]], {
        generation: {num_beams},
        hooks: {stopText: (newIds) => newIds.at(-1) === 2},
      })
      expect(rows).toMatchObject([{newIds: [1, 2], finish: 'stop-string'}])
    }
  })

  it('ends with the end token before its text is asked, and with its text before the length', async () => {
    const stopText = (newIds: readonly number[]): boolean => newIds.length >= 2
    const atLimit = await decodeRows(counting(9), [[9]], {generation: {max_new_tokens: 2}, hooks: {stopText}})
    expect(atLimit).toMatchObject([{finish: 'stop-string'}])
    expect(await decodeRows(counting(1), [[9]], {hooks: {stopText}})).toMatchObject([{finish: 'end-token'}])
  })

  it('counts an end token that was forced into the last place as length', async () => {
    const generation = {forced_eos_token_id: [0], max_new_tokens: 3}
    expect(await decodeRows(counting(9), [[9]], {generation})).toMatchObject([
      {newIds: [1, 2, 0], finish: 'length'},
    ])
    expect(await decodeRows(counting(1), [[9]], {generation})).toMatchObject([
      {newIds: [1, 0], finish: 'end-token'},
    ])
  })

  it('of an encoder-decoder is not limited by the length of its prompt', async () => {
    const model = scriptedModel({decoderStart: 2, contextLength: 3, end: []})
    expect(await decodeRows(model, [[1, 2, 3]], {generation: {max_new_tokens: 8}})).toMatchObject([
      {newIds: {length: 8}},
    ])
  })
})
