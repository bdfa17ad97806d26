import {Tensor} from 'onnxruntime-node'
import {describe, expect, it} from 'vitest'
import {mergedDecoderGraph} from '../../../src/onnx/network/merged-decoder.ts'
import {BUILD_DTYPES} from '../../../src/onnx/network/precision.ts'
import {KEPT_POSITIONS, keepLogitsAt} from '../../../src/onnx/rewrite/keep-logits.ts'
import {GraphBuilder} from '../../../src/onnx/write/graph-builder.ts'
import {emptyCache, type Feeds, int64, numbers, openGraph} from '../run-graph.ts'
import {DEC_ONLY, decoderOnlyBytes, ENC_DEC, OPTIONS, precision, weightsFor} from '../small-networks.ts'

const V = DEC_ONLY.vocabulary
const ROWS = [
  [5, 6, 7, 8],
  [9, 10],
]

function prefill(side: 'left' | 'right'): Feeds {
  const pad = (row: readonly number[], values: readonly number[], filler: number): readonly number[] => {
    const missing = Array<number>(4 - row.length).fill(filler)
    return side === 'left' ? [...missing, ...values] : [...values, ...missing]
  }
  const ids = ROWS.flatMap((row) => pad(row, row, 0))
  const mask = ROWS.flatMap((row) =>
    pad(
      row,
      row.map(() => 1),
      0,
    ),
  )
  const positions = ROWS.flatMap((row) => pad(row, [...row.keys()], 0))
  const cache = Object.fromEntries(
    Array.from({length: DEC_ONLY.decoderLayers}, (_, layer) =>
      ['key', 'value'].map((part) => [`past_key_values.${layer}.${part}`, emptyCache(2, 2, 8)] as const),
    ).flat(),
  )
  return {
    input_ids: int64(ids, [2, 4]),
    attention_mask: int64(mask, [2, 4]),
    position_ids: int64(positions, [2, 4]),
    ...cache,
  }
}

function rewritten(bytes: Uint8Array): Uint8Array {
  const kept = keepLogitsAt(bytes)
  if (kept.kind === 'unchanged') throw new Error(kept.why)
  return kept.model
}

describe('keeping logits at chosen positions', () => {
  it.each(BUILD_DTYPES.flatMap((dtype) => (['left', 'right'] as const).map((side) => ({dtype, side}))))(
    'gives the whole graph’s logits at the last tokens: $dtype, padded on the $side',
    async ({dtype, side}) => {
      const bytes = decoderOnlyBytes(dtype)
      const whole = await (await openGraph(bytes)).run(prefill(side))
      const last = side === 'left' ? [3, 3] : [3, 1]
      const session = await openGraph(rewritten(bytes))
      const kept = await session.run({...prefill(side), [KEPT_POSITIONS]: int64(last, [2, 1, 1])})
      expect(kept['logits']!.dims).toEqual([2, 1, V])
      for (const [row, position] of last.entries())
        expect(numbers(kept['logits']).subarray(row * V, (row + 1) * V)).toEqual(
          numbers(whole['logits']).subarray((row * 4 + position) * V, (row * 4 + position + 1) * V),
        )
      expect(kept['present.2.value']).toEqual(whole['present.2.value'])
    },
  )

  it('gives several positions of a row in the order asked for', async () => {
    const bytes = decoderOnlyBytes('fp32')
    const whole = numbers((await (await openGraph(bytes)).run(prefill('right')))['logits'])
    const session = await openGraph(rewritten(bytes))
    const feeds = {...prefill('right'), [KEPT_POSITIONS]: int64([2, 0, 1, 1], [2, 2, 1])}
    const kept = numbers((await session.run(feeds))['logits'])
    const at = (index: number): Float32Array => whole.subarray(index * V, (index + 1) * V)
    expect(kept).toEqual(Float32Array.of(...at(2), ...at(0), ...at(5), ...at(5)))
  })

  it('looks through casts, biases and softcaps', async () => {
    const graph = new GraphBuilder('capped', {opset: 20, weights: undefined})
    const ids = graph.input('input_ids', 'int64', ['batch_size', 'length'])
    const table = graph.initializer('table', 'float32', [5, 3], () =>
      Float32Array.from({length: 15}, (_, at) => at),
    )
    const x = graph.node('Gather', [table, ids])
    const raw = graph.node('MatMul', [x, graph.node('Transpose', [table], {attributes: {perm: [1, 0]}})])
    const bias = graph.initializer('bias', 'float32', [1, 5], () => Float32Array.of(1, 2, 3, 4, 5))
    const shrunk = graph.node('Tanh', [graph.node('Div', [graph.node('Add', [raw, bias]), graph.float(30)])])
    graph.node('Mul', [shrunk, graph.float(30)], {outputs: ['logits']})
    graph.output('logits', 'float32', ['batch_size', 'length', 5])
    const bytes = graph.toModel()
    const feeds = {input_ids: int64([0, 1, 2], [1, 3])}
    const whole = numbers((await (await openGraph(bytes)).run(feeds))['logits'])
    const session = await openGraph(rewritten(bytes))
    const kept = await session.run({...feeds, [KEPT_POSITIONS]: new Tensor('int64', [2n], [1, 1, 1])})
    expect(numbers(kept['logits'])).toEqual(whole.subarray(10))
  })

  it('leaves an encoder-decoder as it is, and says why', () => {
    const bytes = mergedDecoderGraph(ENC_DEC, weightsFor(ENC_DEC), precision('fp32'), OPTIONS)
    expect(keepLogitsAt(bytes)).toEqual({
      kind: 'unchanged',
      why: expect.stringContaining('one position already'),
    })
  })

  it('leaves a graph as it is whose head it does not find, and says what stands there', () => {
    const graph = new GraphBuilder('odd', {opset: 20, weights: undefined})
    const ids = graph.input('input_ids', 'int64', ['batch_size', 'length'])
    const x = graph.node('OneHot', [
      ids,
      graph.integer(4),
      graph.initializer('pair', 'float32', [2], () => Float32Array.of(0, 1)),
    ])
    graph.node('Softmax', [x], {outputs: ['logits'], attributes: {axis: -1}})
    graph.output('logits', 'float32', ['batch_size', 'length', 4])
    expect(keepLogitsAt(graph.toModel())).toEqual({kind: 'unchanged', why: 'logits come through Softmax'})
  })

  it('does not rewrite twice', () => {
    expect(keepLogitsAt(rewritten(decoderOnlyBytes('fp32')))).toEqual({
      kind: 'unchanged',
      why: 'the graph already takes positions',
    })
  })
})
