import {GraphBuilder, type GraphOptions} from '../write/graph-builder.ts'
import {attend, selfProjections} from './attention.ts'
import {addOutput, feedForward, type NetworkGraph, rmsNorm} from './block.ts'
import {crossAttention, crossInputs} from './cross-attention.ts'
import {tokenEmbedding} from './embedding.ts'
import {causalMask, forGroup, isToken, range, scoreBias, sizeOf} from './masks.ts'
import type {Precision} from './precision.ts'
import {frequencies, rotationAt} from './rotation.ts'
import type {NetworkShape} from './shape.ts'
import type {WeightSource} from './weight-source.ts'

/**
 * What the first layer's key of a padding token is overwritten with. The cache is all that a later step knows of earlier
 * tokens, and the paper's network hides padding inside a decoder's prefix too: this value (the largest of half
 * precision, which no product gives exactly) tells it where.
 */
const HIDDEN_KEY = 65504

/**
 * `decoder_model_merged.onnx` in the layout of transformers.js: first step and later steps in one graph. Self-attention
 * needs no branch, since an empty cache is a cache; `use_cache_branch` only decides, layer by layer, whether the keys
 * and values of the encoder's states are computed (and returned) or read (and returned empty).
 */
export function mergedDecoderGraph(
  shape: NetworkShape,
  weights: WeightSource,
  precision: Precision,
  options: GraphOptions,
): Uint8Array {
  const graph = new GraphBuilder('decoder', options)
  const network: NetworkGraph = {graph, shape, weights, precision}
  const crosses = crossInputs(network)
  const ids = graph.input('input_ids', 'int64', ['batch_size', 'decoder_sequence_length'])
  const caches = Array.from({length: shape.decoderLayers}, (_, layer) => cacheInputs(network, layer))
  const {bias, rotation, isNewToken} = orderOf(network, ids, caches[0]?.keys ?? '')
  const {lookUp, logits} = tokenEmbedding(network)
  let x = lookUp(ids)
  for (const [layer, cache] of caches.entries()) {
    const prefix = `decoder.${layer}`
    const self = selfProjections(network, x, prefix, rotation)
    const newKeys = layer === 0 ? markPadding(graph, self.keys, isNewToken) : self.keys
    const keys = appended(graph, cache.keys, newKeys, `present.${layer}.decoder.key`)
    const values = appended(graph, cache.values, self.values, `present.${layer}.decoder.value`)
    x = addOutput(network, x, attend(network, self.queries, keys, values, bias), `${prefix}.attention`)
    x = crossAttention(network, x, layer, crosses)
    x = feedForward(network, x, prefix)
  }
  graph.node('Identity', [logits(rmsNorm(network, x, 'decoder.norm'))], {outputs: ['logits']})
  graph.output('logits', 'float32', ['batch_size', 'decoder_sequence_length', shape.vocabulary])
  for (let layer = 0; layer < shape.decoderLayers; layer++) presentOutputs(network, layer)
  return graph.toModel()
}

function cacheInputs({graph, shape}: NetworkGraph, layer: number): {keys: string; values: string} {
  const axes = ['batch_size', shape.keyValueHeads, 'past_decoder_sequence_length', shape.headSize]
  return {
    keys: graph.input(`past_key_values.${layer}.decoder.key`, 'float32', axes),
    values: graph.input(`past_key_values.${layer}.decoder.value`, 'float32', axes),
  }
}

function presentOutputs({graph, shape}: NetworkGraph, layer: number): void {
  const length = 'past_decoder_sequence_length + decoder_sequence_length'
  for (const part of ['key', 'value'])
    graph.output(`present.${layer}.decoder.${part}`, 'float32', [
      'batch_size',
      shape.keyValueHeads,
      length,
      shape.headSize,
    ])
  for (const part of ['key', 'value'])
    graph.output(`present.${layer}.encoder.${part}`, 'float32', [
      'batch_size_out',
      shape.keyValueHeads,
      'encoder_sequence_length_out',
      shape.headSize,
    ])
}

/** What follows from where the new tokens stand: who sees whom, and the rotations. */
function orderOf(
  network: NetworkGraph,
  ids: string,
  firstCache: string,
): {bias: string; rotation: ReturnType<typeof rotationAt>; isNewToken: string} {
  const {graph, shape} = network
  const past = sizeOf(graph, firstCache, 2)
  const length = sizeOf(graph, ids, 1)
  const isNewToken = isToken(graph, ids, shape.padToken)
  const firstValue = graph.node('Slice', [
    firstCache,
    graph.integers([0, 0]),
    graph.integers([1, 1]),
    graph.integers([1, 3]),
  ])
  const isOldToken = graph.node('Not', [graph.node('Equal', [firstValue, graph.float(HIDDEN_KEY)])])
  const isSeen = graph.node(
    'Concat',
    [
      graph.node('Transpose', [isOldToken], {attributes: {perm: [0, 1, 3, 2]}}),
      graph.node('Unsqueeze', [isNewToken, graph.integers([1, 2])]),
    ],
    {attributes: {axis: 3}},
  )
  const keep = graph.node('And', [causalMask(graph, past, length), isSeen])
  const positions = range(graph, past, graph.node('Add', [past, length]))
  return {
    bias: forGroup(graph, scoreBias(graph, keep), shape.heads / shape.keyValueHeads),
    rotation: rotationAt(
      graph,
      graph.node('Unsqueeze', [positions, graph.integers([0])]),
      frequencies(network),
    ),
    isNewToken,
  }
}

function markPadding(graph: GraphBuilder, keys: string, isNewToken: string): string {
  const isKept = graph.node('Unsqueeze', [isNewToken, graph.integers([1, 3])])
  return graph.node('Where', [isKept, keys, graph.float(HIDDEN_KEY)])
}

function appended(graph: GraphBuilder, cache: string, added: string, output: string): string {
  return graph.node('Concat', [cache, added], {attributes: {axis: 2}, outputs: [output]})
}
