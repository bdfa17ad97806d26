import type * as ort from 'onnxruntime-node'
import {Tensor} from 'onnxruntime-node'
import type {NetworkShape} from '../../src/onnx/network/shape.ts'
import {emptyCache, type Feeds, int64, numbers} from './run-graph.ts'

/** An encoder-decoder in the layout of transformers.js, fed as that library feeds it. */
export class MergedModel {
  readonly #encoder: ort.InferenceSession
  readonly #decoder: ort.InferenceSession
  readonly #shape: NetworkShape

  constructor(encoder: ort.InferenceSession, decoder: ort.InferenceSession, shape: NetworkShape) {
    this.#encoder = encoder
    this.#decoder = decoder
    this.#shape = shape
  }

  /** Right-padded source rows. */
  async encode(rows: readonly (readonly number[])[]): Promise<Source> {
    const length = Math.max(...rows.map((row) => row.length))
    const padded = rows.map((row) => [
      ...row,
      ...Array<number>(length - row.length).fill(this.#shape.padToken),
    ])
    const mask = int64(
      rows.flatMap((row) => padded[0]!.map((_, index) => (index < row.length ? 1 : 0))),
      [rows.length, length],
    )
    const ids = int64(padded.flat(), [rows.length, length])
    const {last_hidden_state: states} = await this.#encoder.run({input_ids: ids, attention_mask: mask})
    return {states: states!, mask, rows: rows.length}
  }

  /** Appends `ids` (rows, length) to the cache; logits (rows, length, vocabulary). */
  async step(source: Source, ids: readonly (readonly number[])[], cache?: Feeds): Promise<Step> {
    const feeds: Feeds = {
      input_ids: int64(ids.flat(), [ids.length, ids[0]!.length]),
      encoder_attention_mask: source.mask,
      encoder_hidden_states: source.states,
      use_cache_branch: new Tensor('bool', [cache !== undefined], [1]),
    }
    const {keyValueHeads, headSize} = this.#shape
    const names = this.#decoder.inputNames.filter((name) => name.startsWith('past_key_values.'))
    for (const name of names) feeds[name] = cache?.[name] ?? emptyCache(source.rows, keyValueHeads, headSize)
    const outputs = await this.#decoder.run(feeds)
    const next: Feeds = {}
    for (const name of names) {
      const isKept = cache !== undefined && name.includes('.encoder.')
      next[name] = isKept ? cache[name]! : outputs[name.replace('past_key_values', 'present')]!
    }
    return {logits: numbers(outputs['logits']), cache: next}
  }
}

export interface Source {
  readonly states: ort.Tensor
  readonly mask: ort.Tensor
  readonly rows: number
}

export interface Step {
  readonly logits: Float32Array
  readonly cache: Feeds
}

/** Index of the largest of the last `vocabulary` numbers, the lowest on a tie. */
export function bestOfLast(logits: Float32Array, vocabulary: number): number {
  const last = logits.subarray(logits.length - vocabulary)
  return last.reduce((best, value, index) => (value > last[best]! ? index : best), 0)
}
