import {readFileSync} from 'node:fs'
import {fileURLToPath} from 'node:url'
import * as ort from 'onnxruntime-node'
import {describe, expect, it} from 'vitest'
import {mergedDecoderGraph} from '../../../src/onnx/network/merged-decoder.ts'
import {readModel} from '../../../src/onnx/read/model.ts'
import {deltaCache} from '../../../src/onnx/rewrite/delta-cache.ts'
import {GraphBuilder} from '../../../src/onnx/write/graph-builder.ts'
import {distance, emptyCache, type Feeds, int64, numbers, openGraph} from '../run-graph.ts'
import {decoderOnlyBytes, ENC_DEC, OPTIONS, precision, weightsFor} from '../small-networks.ts'

function rewritten(bytes: Uint8Array): Extract<ReturnType<typeof deltaCache>, {kind: 'rewritten'}> {
  const delta = deltaCache(bytes)
  if (delta.kind === 'unchanged') throw new Error(delta.why)
  return delta
}

function fixture(name: string): Buffer {
  return readFileSync(
    fileURLToPath(new URL(`../../fixtures/checkpoints/${name}/model.onnx`, import.meta.url)),
  )
}

/** Feeds of one run for one row: `past` tokens in `slots` places of the cache, the first ones. */
function feedsOf(
  ids: readonly number[],
  past: number,
  slots: number,
  cache: Readonly<Record<string, ort.Tensor>>,
): Feeds {
  const mask = Array.from({length: slots + ids.length}, (_, at) => (at < past || at >= slots ? 1 : 0))
  return {
    input_ids: int64(ids, [1, ids.length]),
    attention_mask: int64(mask, [1, mask.length]),
    position_ids: int64(
      ids.map((_, index) => past + index),
      [1, ids.length],
    ),
    ...cache,
  }
}

interface CacheShape {
  readonly name: string
  readonly heads: number
  readonly size: number
}

function cachesOf(session: ort.InferenceSession): CacheShape[] {
  return session.inputMetadata.flatMap((meta) =>
    meta.isTensor && meta.name.startsWith('past')
      ? [{name: meta.name, heads: Number(meta.shape[1]), size: Number(meta.shape[3])}]
      : [],
  )
}

const presentOf = (name: string): string => name.replace('past_key_values', 'present')

/** Prefill, then a step on the file's own cache, and the same on slots of which some stay unused. */
async function bothWays(bytes: Uint8Array, prompt: readonly number[], next: number, slots: number) {
  const [file, delta] = [await openGraph(bytes), await openGraph(rewritten(bytes).model)]
  const caches = cachesOf(file)
  const none = Object.fromEntries(caches.map(({name, heads, size}) => [name, emptyCache(1, heads, size)]))
  const first = {
    file: await file.run(feedsOf(prompt, 0, 0, none)),
    delta: await delta.run(feedsOf(prompt, 0, 0, none)),
  }
  const past = Object.fromEntries(caches.map(({name}) => [name, first.file[presentOf(name)]!]))
  const places = Object.fromEntries(
    caches.map(({name, heads, size}) => {
      const values = new Float32Array(heads * slots * size)
      const made = numbers(first.delta[presentOf(name)])
      const perHead = prompt.length * size
      for (let head = 0; head < heads; head += 1)
        values.set(made.subarray(head * perHead, (head + 1) * perHead), head * slots * size)
      return [name, new ort.Tensor('float32', values, [1, heads, slots, size])]
    }),
  )
  const second = {
    file: await file.run(feedsOf([next], prompt.length, prompt.length, past)),
    delta: await delta.run(feedsOf([next], prompt.length, slots, places)),
  }
  return {first, second, caches}
}

describe('a graph that gives back new keys and values only', () => {
  const own = decoderOnlyBytes('fp32')

  it.each([
    ['our own export, heads grouped', own, 6],
    ['an exporter’s graph whose heads are its own', fixture('gpt2'), 6],
  ])('gives the file’s logits and keys with unused slots: %s', async (_, bytes, entries) => {
    expect(rewritten(bytes)).toMatchObject({split: entries, joined: 0})
    const {first, second, caches} = await bothWays(bytes, [5, 6, 7, 8], 9, 11)
    expect(distance(numbers(first.file['logits']), numbers(first.delta['logits']))).toBeLessThan(1e-4)
    expect(distance(numbers(second.file['logits']), numbers(second.delta['logits']))).toBeLessThan(1e-4)
    for (const {name, heads, size} of caches) {
      const whole = numbers(second.file[presentOf(name)])
      const added = second.delta[presentOf(name)]!
      expect(added.dims).toEqual([1, heads, 1, size])
      for (let head = 0; head < heads; head += 1) {
        const last = whole.subarray((head * 5 + 4) * size, (head + 1) * 5 * size)
        const made = numbers(added).subarray(head * size, (head + 1) * size)
        expect(distance(last, made)).toBeLessThan(1e-4)
      }
    }
  })

  it('leaves out what repeated and joined keys and values', () => {
    const before = readModel(fixture('qwen2-external-data')).graph.nodes
    const {model, split} = rewritten(fixture('qwen2-external-data'))
    const after = readModel(model).graph.nodes
    expect(split).toBe(6)
    const joins = after.filter(({operator, inputs}) => operator === 'Concat' && inputs[0]!.startsWith('past'))
    expect(joins).toEqual([])
    const expands = (nodes: typeof after): number =>
      nodes.filter(({operator}) => operator === 'Expand').length
    expect(expands(before) - expands(after)).toBe(6)
  })

  it('is the same for the same bytes', () => {
    expect(Buffer.compare(rewritten(own).model, rewritten(own).model)).toBe(0)
  })

  it('joins past and new inside where keys are read in another way', async () => {
    const bytes = unusualReader()
    expect(rewritten(bytes)).toMatchObject({split: 0, joined: 1})
    const {second} = await bothWays(bytes, [3, 4], 5, 2)
    expect(numbers(second.delta['logits'])).toEqual(numbers(second.file['logits']))
    expect(numbers(second.delta['present.0.key'])).toEqual(Float32Array.of(5))
  })
})

/** Logits are the sum of all keys, which no product reads. */
function unusualReader(
  options: {
    readonly positions?: boolean
    readonly order?: 'first' | 'last'
    readonly type?: 'float32' | 'float16'
  } = {},
) {
  const {type = 'float32'} = options
  const graph = new GraphBuilder('unusual', {opset: 18, weights: undefined})
  const ids = graph.input('input_ids', 'int64', ['batch_size', 'sequence_length'])
  graph.input('attention_mask', 'int64', ['batch_size', 'total'])
  if (options.positions !== false) graph.input('position_ids', 'int64', ['batch_size', 'sequence_length'])
  const past = graph.input('past_key_values.0.key', type, ['batch_size', 1, 'past', 1])
  const added = graph.node('Unsqueeze', [
    graph.node('Cast', [ids], {attributes: {to: type === 'float32' ? 1 : 10}}),
    graph.integers([1, 3]),
  ])
  const [key = ''] = graph.nodes('Concat', options.order === 'last' ? [added, past] : [past, added], 1, {
    attributes: {axis: 2},
    outputs: ['present.0.key'],
  })
  graph.node('ReduceSum', [key, graph.integers([1])], {
    attributes: {keepdims: 0},
    outputs: ['logits'],
  })
  graph.output('logits', type, ['batch_size', 'total', 1])
  graph.output(key, type, ['batch_size', 1, 'total', 1])
  return graph.toModel()
}

describe('a graph that is left as it is', () => {
  it.each([
    [
      'an encoder-decoder',
      mergedDecoderGraph(ENC_DEC, weightsFor(ENC_DEC), precision('fp32'), OPTIONS),
      'own cache is short',
    ],
    ['a graph that counts positions itself', fixture('gemma2'), 'counts positions itself'],
    ['one without position ids', unusualReader({positions: false}), 'counts positions itself'],
    ['new positions before the past', unusualReader({order: 'last'}), 'is not put before the new positions'],
    ['a cache of half precision', unusualReader({type: 'float16'}), 'holds float16, not float32'],
    ['no cache at all', new GraphBuilder('none', OPTIONS).toModel(), 'takes no input_ids'],
  ])('%s', (_, bytes, why) => {
    expect(deltaCache(bytes)).toEqual({kind: 'unchanged', why: expect.stringContaining(why)})
  })

  it('a graph that was rewritten before', () => {
    const {model} = rewritten(decoderOnlyBytes('fp32'))
    expect(deltaCache(model)).toEqual({
      kind: 'unchanged',
      why: '"past_key_values.0.key" goes into a nested graph',
    })
  })
})
