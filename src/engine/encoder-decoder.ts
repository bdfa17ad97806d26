import {Tensor} from 'onnxruntime-node'
import {emptyCache} from './cache-tensor.ts'
import {encodePrompts} from './encode-prompts.ts'
import {type EncoderDecoderGraph, encoderMask, scoped} from './encoder-decoder-graph.ts'
import {EncoderDecoderState, type Source} from './encoder-decoder-state.ts'
import {integers} from './feeds.ts'
import type {CacheEntry} from './graph-signature.ts'
import type {DecoderState} from './language-model.ts'
import {lastLogits} from './logits.ts'
import type {OpenSession} from './session.ts'

/** Encodes the prompts in groups of like length, then runs the decoder's start token for all of them together. */
export async function prefillEncoderDecoder(
  graph: EncoderDecoderGraph,
  prompts: readonly (readonly number[])[],
): Promise<DecoderState> {
  const tokens = Int32Array.from(prompts, (prompt) => prompt.length)
  const hidden = await encodePrompts(graph, prompts, Math.max(...tokens))
  const start = new Int32Array(prompts.length).fill(graph.startToken)
  if (graph.crossKeys) return prefillFromKeys(graph, graph.crossKeys, {hidden, tokens, start})
  const feeds = firstFeeds(graph, hidden, tokens, start)
  const first = await graph.first()
  const outputs = await first.run(feeds, [
    graph.firstSignature.logits,
    ...graph.signature.cache.map((entry) => entry.present),
  ])
  const pick = (scope: CacheEntry['scope']): Tensor[] =>
    scoped(graph, scope).map((entry) => outputs[entry.present]!)
  return new EncoderDecoderState(
    graph,
    sourceOf(graph, pick('cross'), hidden, tokens),
    pick('self'),
    1,
    lastLogits(outputs[graph.firstSignature.logits]!, () => 0, graph.half),
  )
}

interface FirstStep {
  readonly hidden: Tensor
  readonly tokens: Int32Array
  readonly start: Int32Array
}

/** Keys and values of the encoder's output first, then the start token as a step from an empty past. */
async function prefillFromKeys(
  graph: EncoderDecoderGraph,
  crossKeys: OpenSession,
  {hidden, tokens, start}: FirstStep,
): Promise<DecoderState> {
  const cross = scoped(graph, 'cross')
  const outputs = await crossKeys.run(
    {[graph.firstSignature.hiddenStates!.name]: hidden},
    cross.map((entry) => entry.present),
  )
  const keys = cross.map((entry) => outputs[entry.present]!)
  const empty = scoped(graph, 'self').map((entry) => emptyCache(entry, tokens.length))
  const state = new EncoderDecoderState(
    graph,
    sourceOf(graph, keys, hidden, tokens),
    empty,
    0,
    new Float32Array(0),
  )
  await state.step(start)
  return state
}

function sourceOf(
  graph: EncoderDecoderGraph,
  cross: readonly Tensor[],
  hidden: Tensor,
  tokens: Int32Array,
): Source {
  return {
    cross,
    hidden: graph.signature.hiddenStates === undefined ? undefined : hidden,
    tokens,
    encoding: Array.from(tokens, () => Symbol('encoding')),
  }
}

/** What the decoder takes before there is a cache. `ids`: (rows, any length), row-major. */
export function firstFeeds(
  graph: Pick<EncoderDecoderGraph, 'firstSignature'>,
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
