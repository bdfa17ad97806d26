import {Tensor} from 'onnxruntime-node'
import {emptyCache} from './cache-tensor.ts'
import {encodePrompts} from './encode-prompts.ts'
import {type EncoderDecoderGraph, encoderMask, scoped} from './encoder-decoder-graph.ts'
import {EncoderDecoderState, type Source} from './encoder-decoder-state.ts'
import {integers} from './feeds.ts'
import type {CacheEntry} from './graph-signature.ts'
import type {DecoderState} from './language-model.ts'
import {lastLogits} from './logits.ts'

/** Encodes the prompts in groups of like length, then runs the decoder's start token for all of them together. */
export async function prefillEncoderDecoder(
  graph: EncoderDecoderGraph,
  prompts: readonly (readonly number[])[],
): Promise<DecoderState> {
  const tokens = Int32Array.from(prompts, (prompt) => prompt.length)
  const hidden = await encodePrompts(graph, prompts, Math.max(...tokens))
  const start = new Int32Array(prompts.length).fill(graph.startToken)
  const feeds = firstFeeds(graph, hidden, tokens, start)
  const outputs = await graph.first.run(feeds, [
    graph.firstSignature.logits,
    ...graph.signature.cache.map((entry) => entry.present),
  ])
  const pick = (scope: CacheEntry['scope']): Tensor[] =>
    scoped(graph, scope).map((entry) => outputs[entry.present]!)
  const source: Source = {
    cross: pick('cross'),
    hidden: graph.signature.hiddenStates === undefined ? undefined : hidden,
    tokens,
    encoding: Array.from(prompts, () => Symbol('encoding')),
  }
  return new EncoderDecoderState(
    graph,
    source,
    pick('self'),
    1,
    lastLogits(outputs[graph.firstSignature.logits]!, () => 0, graph.half),
  )
}

/** What the decoder takes before there is a cache. `ids`: (rows, any length), row-major. */
export function firstFeeds(
  graph: EncoderDecoderGraph,
  hidden: Tensor,
  tokens: Int32Array,
  ids: Int32Array,
): Record<string, Tensor> {
  const {firstSignature: signature} = graph
  const rows = tokens.length
  const length = ids.length / rows
  const dims = [rows, length]
  const feeds: Record<string, Tensor> = {[signature.ids]: integers(signature.integer, ids, dims)}
  if (signature.attentionMask)
    feeds[signature.attentionMask] = integers(signature.integer, new Int32Array(ids.length).fill(1), dims)
  if (signature.encoderMask)
    feeds[signature.encoderMask] = encoderMask(signature.integer, tokens, hidden.dims[1]!)
  if (signature.tokenTypeIds)
    feeds[signature.tokenTypeIds] = integers(signature.integer, new Int32Array(ids.length), dims)
  if (signature.hiddenStates) feeds[signature.hiddenStates.name] = hidden
  if (signature.useCacheBranch) feeds[signature.useCacheBranch] = new Tensor('bool', [false], [1])
  if (signature.positionIds)
    feeds[signature.positionIds] = integers(
      signature.integer,
      ids.map((_, index) => index % length),
      dims,
    )
  if (signature.cachePosition)
    feeds[signature.cachePosition] = integers(
      signature.integer,
      Int32Array.from({length}, (_, index) => index),
      [length],
    )
  for (const entry of signature.cache) feeds[entry.past] = emptyCache(entry, rows)
  return feeds
}
