import {beforeAll, describe, expect, it} from 'vitest'
import {decoderOnlyGraph} from '../../../src/onnx/network/decoder-only.ts'
import {BUILD_DTYPES} from '../../../src/onnx/network/precision.ts'
import {quantizeBlocks} from '../../../src/onnx/network/quantized.ts'
import {networkTensors} from '../../../src/onnx/network/shape.ts'
import type {WeightSource} from '../../../src/onnx/network/weight-source.ts'
import type {MergedModel} from '../merged-decoder.ts'
import {distance, emptyCache, type Feeds, int64, numbers, openGraph} from '../run-graph.ts'
import {
  DEC_ONLY,
  decoderOnlyBytes,
  ENC_DEC,
  OPTIONS,
  openMerged,
  precision,
  weightsFor,
} from '../small-networks.ts'

const V = ENC_DEC.vocabulary

describe('the encoder-decoder graphs', () => {
  let model: MergedModel
  beforeAll(async () => {
    model = await openMerged(ENC_DEC, weightsFor(ENC_DEC), 'fp32')
  })

  it('gives the same logits step by step as at once', async () => {
    const source = await model.encode([[1, 7, 8, 9, 10]])
    const ids = [1, 20, 21, 0, 22, 23]
    const whole = await model.step(source, [ids])
    let cache: Feeds | undefined
    for (const [position, id] of ids.entries()) {
      const step = await model.step(source, [[id]], cache)
      const expected = whole.logits.subarray(position * V, (position + 1) * V)
      expect(distance(step.logits, expected)).toBeLessThan(1e-4)
      cache = step.cache
    }
  })

  it('gives rows of a padded batch what they get alone', async () => {
    const rows = [[1, 7, 8], [1, 30, 31, 32, 33, 34, 35], [1]]
    const batch = await model.encode(rows)
    const first = await model.step(batch, [[1], [1], [1]])
    const second = await model.step(batch, [[40], [41], [42]], first.cache)
    for (const [row, ids] of rows.entries()) {
      const source = await model.encode([ids])
      const alone = await model.step(source, [[1]])
      const next = await model.step(source, [[40 + row]], alone.cache)
      expect(distance(alone.logits, first.logits.subarray(row * V, (row + 1) * V))).toBeLessThan(1e-5)
      expect(distance(next.logits, second.logits.subarray(row * V, (row + 1) * V))).toBeLessThan(1e-5)
    }
  })

  it('computes cross keys and values in the first step alone, and returns none later', async () => {
    const source = await model.encode([[1, 7, 8]])
    const {cache} = await model.step(source, [[1]])
    expect(cache['past_key_values.0.encoder.key']!.dims).toEqual([1, 2, 3, 8])
    const other = await model.encode([[1, 50, 51]])
    const states = {...source, states: other.states}
    const kept = await model.step(source, [[9]], cache)
    expect((await model.step(states, [[9]], cache)).logits).toEqual(kept.logits)
  })

  it('hides an unknown source token, which has the padding id, wherever it stands', async () => {
    const inside = await model.encode([[1, 7, 0]])
    const outside = await model.encode([[1, 7]])
    const left = await model.step(inside, [[1]])
    const right = await model.step(outside, [[1]])
    expect(distance(left.logits, right.logits)).toBeLessThan(1e-5)
  })
})

describe('the decoder-only graph', () => {
  const start = (rows: number): Feeds =>
    Object.fromEntries(
      Array.from({length: DEC_ONLY.decoderLayers}, (_, layer) =>
        ['key', 'value'].map((part) => [`past_key_values.${layer}.${part}`, emptyCache(rows, 2, 8)] as const),
      ).flat(),
    )

  it('gives the same logits step by step as at once, and in a left-padded batch', async () => {
    const session = await openGraph(decoderOnlyBytes('fp32'))
    const ids = [1, 20, 21, 22]
    const ones = [1, 1, 1, 1]
    const whole = await session.run({
      input_ids: int64(ids, [1, 4]),
      attention_mask: int64(ones, [1, 4]),
      position_ids: int64([0, 1, 2, 3], [1, 4]),
      ...start(1),
    })
    const padded = await session.run({
      input_ids: int64([0, 0, 1, 20, 0, 1, 20, 21], [2, 4]),
      attention_mask: int64([0, 0, 1, 1, 0, 1, 1, 1], [2, 4]),
      position_ids: int64([0, 0, 0, 1, 0, 0, 1, 2], [2, 4]),
      ...start(2),
    })
    const at = (position: number): Float32Array =>
      numbers(whole['logits']).subarray(position * V, (position + 1) * V)
    expect(distance(numbers(padded['logits']).subarray(3 * V, 4 * V), at(1))).toBeLessThan(1e-4)
    expect(distance(numbers(padded['logits']).subarray(7 * V, 8 * V), at(2))).toBeLessThan(1e-4)
    let cache = start(1)
    for (const [position, id] of ids.entries()) {
      const step = await session.run({
        input_ids: int64([id], [1, 1]),
        attention_mask: int64(ones.slice(0, position + 1), [1, position + 1]),
        position_ids: int64([position], [1, 1]),
        ...cache,
      })
      expect(distance(numbers(step['logits']), at(position))).toBeLessThan(1e-4)
      cache = Object.fromEntries(
        Object.keys(cache).map((name) => [name, step[name.replace('past_key_values', 'present')]!]),
      )
    }
  })

  it.each([4, 8] as const)('computes with the values that %i-bit codes stand for', async (bits) => {
    const feeds = {
      input_ids: int64([1, 20, 21], [1, 3]),
      attention_mask: int64([1, 1, 1], [1, 3]),
      position_ids: int64([0, 1, 2], [1, 3]),
      ...start(1),
    }
    const quantized = await openGraph(decoderOnlyBytes(bits === 4 ? 'q4' : 'q8'))
    const bytes = decoderOnlyGraph(DEC_ONLY, roundedWeights(bits), precision('fp32'), OPTIONS)
    const rounded = await openGraph(bytes)
    const [left, right] = [await quantized.run(feeds), await rounded.run(feeds)]
    expect(distance(numbers(left['logits']), numbers(right['logits']))).toBeLessThan(1e-3)
  })

  it.each(BUILD_DTYPES)('runs in %s near to what it is in float32', async (dtype) => {
    const feeds = {
      input_ids: int64([1, 20, 21], [1, 3]),
      attention_mask: int64([1, 1, 1], [1, 3]),
      position_ids: int64([0, 1, 2], [1, 3]),
      ...start(1),
    }
    const whole = numbers((await (await openGraph(decoderOnlyBytes('fp32'))).run(feeds))['logits'])
    const reduced = numbers((await (await openGraph(decoderOnlyBytes(dtype))).run(feeds))['logits'])
    const size = Math.hypot(...whole)
    const error = Math.hypot(...whole.map((value, index) => value - reduced[index]!)) / size
    expect(error).toBeLessThan({fp32: 0, fp16: 0.003, q8: 0.03, q4: 0.4, int8: 0.1}[dtype] + 1e-9)
  })
})

/** The weights of `weightsFor` after rounding as the graph writer rounds them; the embedding has 8 bits always. */
function roundedWeights(bits: 4 | 8): WeightSource {
  const exact = weightsFor(DEC_ONLY)
  const dims = new Map(networkTensors(DEC_ONLY).map((tensor) => [tensor.name, tensor.dims]))
  return (name) => {
    const values = exact(name)
    const [rows = 0, columns] = dims.get(name) ?? []
    if (columns === undefined) return values
    const width = name === 'embedding' ? 8 : bits
    const {codes, scales, blocks} = quantizeBlocks(values, rows, columns, width, 32)
    const blockBytes = (32 * width) / 8
    return values.map((_, at) => {
      const row = Math.floor(at / columns)
      const column = at % columns
      const block = row * blocks + Math.floor(column / 32)
      const place = column % 32
      const byte = codes[block * blockBytes + (width === 8 ? place : place >> 1)]!
      const code = width === 8 ? byte : place % 2 === 0 ? byte & 15 : byte >> 4
      return (code - 2 ** (width - 1)) * scales[block]!
    })
  }
}
