import fc from 'fast-check'
import {describe, expect, it} from 'vitest'
import {toBatch} from '../../src/train/batch.ts'
import {batchSequence, epochBatches} from '../../src/train/batch-order.ts'

const EXAMPLES = [
  {source: [1, 7, 8], target: [9, 2]},
  {source: [1, 5], target: [2]},
]
const ids = (data: BigInt64Array | Float32Array, length: number, row: number): number[] =>
  Array.from(data.slice(row * length, (row + 1) * length), Number)

describe('toBatch', () => {
  it('gives an encoder-decoder prompts apart, and answers shifted behind the begin token', () => {
    const options = {isEncoderDecoder: true, rows: 3, beginToken: 1, padToken: 0, sourceWeight: 0.2}
    const {shape, inputs, lossWeights, targetWeights, tokens, answers} = toBatch(EXAMPLES, options)
    expect(shape).toEqual({
      rows: 3,
      sourceLength: 3,
      targetLength: 2,
      sourceTokens: 5,
      targetTokens: 3,
      countedTokens: 3,
    })
    expect(ids(inputs.source_ids!.data, 5, 0)).toEqual([1, 7, 8, 1, 5])
    expect(ids(inputs.source_places!.data, 9, 0)).toEqual([0, 1, 2, 3, 4, -1, -1, -1, -1])
    expect(ids(inputs.source_positions!.data, 5, 0)).toEqual([0, 1, 2, 3, 4])
    expect(ids(inputs.input_ids.data, 3, 0)).toEqual([1, 9, 1])
    expect(ids(inputs.target_places.data, 6, 0)).toEqual([0, 1, 2, -1, -1, -1])
    expect(ids(inputs.labels.data, 2, 0)).toEqual([9, 2])
    expect(ids(inputs.labels.data, 2, 1)).toEqual([2, 0])
    expect(ids(lossWeights, 2, 1)).toEqual([1, 0])
    expect(targetWeights).toEqual(lossWeights)
    expect(ids(lossWeights, 2, 2)).toEqual([0, 0])
    expect(tokens).toBe(8)
    expect(answers).toEqual([
      {start: 0, length: 2},
      {start: 0, length: 1},
    ])
  })

  it('takes a padding token inside a prompt for padding, as the exported encoder does', () => {
    const options = {isEncoderDecoder: true, rows: 1, beginToken: 1, padToken: 0, sourceWeight: 0}
    const {shape, inputs} = toBatch([{source: [1, 0, 7], target: [2]}], options)
    expect(shape).toMatchObject({sourceLength: 3, sourceTokens: 2})
    expect(ids(inputs.source_ids!.data, 2, 0)).toEqual([1, 7])
    expect(ids(inputs.source_places!.data, 3, 0)).toEqual([0, -1, 1])
  })

  it('gives a decoder-only network prompt and answer in one row, the prompt with a weight of its own', () => {
    const options = {isEncoderDecoder: false, rows: 2, beginToken: 1, padToken: 0, sourceWeight: 0.25}
    const {shape, inputs, lossWeights, targetWeights, answers} = toBatch(EXAMPLES, options)
    expect(shape).toMatchObject({rows: 2, sourceLength: 0, targetLength: 4, sourceTokens: 0, targetTokens: 6})
    expect(ids(inputs.input_ids.data, 6, 0)).toEqual([1, 7, 8, 9, 1, 5])
    expect(ids(inputs.target_places.data, 4, 1)).toEqual([4, 5, -1, -1])
    expect(ids(inputs.target_positions.data, 6, 0)).toEqual([0, 1, 2, 3, 4, 5])
    expect(ids(inputs.labels.data, 4, 0)).toEqual([7, 8, 9, 2])
    expect(ids(lossWeights, 4, 0)).toEqual([0.25, 0.25, 1, 1])
    expect(ids(targetWeights, 4, 1)).toEqual([0, 1, 0, 0])
    expect(answers).toEqual([
      {start: 2, length: 2},
      {start: 1, length: 1},
    ])
  })
})

describe('the order of batches', () => {
  const examples = fc
    .array(fc.integer({min: 1, max: 40}), {minLength: 1, maxLength: 200})
    .map((lengths) => lengths.map((length) => ({source: Array<number>(length).fill(3), target: [2]})))

  it('takes no example twice in an epoch, and leaves out less than a batch', () => {
    fc.assert(
      fc.property(examples, fc.integer({min: 1, max: 8}), fc.nat(), (rows, size, epoch) => {
        const seen = epochBatches(rows, size, 1, epoch).flat()
        expect(new Set(seen).size).toBe(seen.length)
        expect(rows.length - seen.length).toBeLessThan(size)
      }),
    )
  })

  it('gives a batch by its number whoever asked for which before', () => {
    fc.assert(
      fc.property(examples, fc.array(fc.nat({max: 60}), {minLength: 1}), (rows, numbers) => {
        const asked = batchSequence(() => rows, 4, 7)
        for (const number of numbers) expect(asked(number)).toEqual(batchSequence(() => rows, 4, 7)(number))
      }),
      {numRuns: 30},
    )
  })
})
