import {GraphBuilder, type GraphOptions} from '../write/graph-builder.ts'
import {attend, selfProjections} from './attention.ts'
import {addOutput, feedForward, type NetworkGraph, rmsNorm} from './block.ts'
import {tokenEmbedding} from './embedding.ts'
import {asBoolean, asKeyMask, causalMask, forGroup, scoreBias, sizeOf} from './masks.ts'
import type {Precision} from './precision.ts'
import {frequencies, rotationAt} from './rotation.ts'
import type {NetworkShape} from './shape.ts'
import type {WeightSource} from './weight-source.ts'

/**
 * `model.onnx` of a decoder-only network, with the names that exporters use: input_ids, attention_mask over cache and new
 * tokens, position_ids, past_key_values -> logits, present. The prefill is the same graph with an empty cache.
 */
export function decoderOnlyGraph(
  shape: NetworkShape,
  weights: WeightSource,
  precision: Precision,
  options: GraphOptions,
): Uint8Array {
  const graph = new GraphBuilder('decoder', options)
  const network: NetworkGraph = {graph, shape, weights, precision}
  const ids = graph.input('input_ids', 'int64', ['batch_size', 'sequence_length'])
  const total = 'past_sequence_length + sequence_length'
  const mask = graph.input('attention_mask', 'int64', ['batch_size', total])
  const positions = graph.input('position_ids', 'int64', ['batch_size', 'sequence_length'])
  const axes = (length: string) => ['batch_size', shape.keyValueHeads, length, shape.headSize]
  const caches = Array.from({length: shape.decoderLayers}, (_, layer) => ({
    keys: graph.input(`past_key_values.${layer}.key`, 'float32', axes('past_sequence_length')),
    values: graph.input(`past_key_values.${layer}.value`, 'float32', axes('past_sequence_length')),
  }))
  const causal = causalMask(graph, sizeOf(graph, caches[0]?.keys ?? '', 2), sizeOf(graph, ids, 1))
  const keep = graph.node('And', [causal, asKeyMask(graph, asBoolean(graph, mask))])
  const bias = forGroup(graph, scoreBias(graph, keep), shape.heads / shape.keyValueHeads)
  const rotation = rotationAt(graph, positions, frequencies(network))
  const {lookUp, logits} = tokenEmbedding(network)
  let x = lookUp(ids)
  for (const [layer, cache] of caches.entries()) {
    const prefix = `decoder.${layer}`
    const self = selfProjections(network, x, prefix, rotation)
    const append = (cached: string, added: string, part: 'key' | 'value'): string =>
      graph.node('Concat', [cached, added], {
        attributes: {axis: 2},
        outputs: [`present.${layer}.${part}`],
      })
    const keys = append(cache.keys, self.keys, 'key')
    const values = append(cache.values, self.values, 'value')
    x = addOutput(network, x, attend(network, self.queries, keys, values, bias), `${prefix}.attention`)
    x = feedForward(network, x, prefix)
  }
  graph.node('Identity', [logits(rmsNorm(network, x, 'decoder.norm'))], {outputs: ['logits']})
  graph.output('logits', 'float32', ['batch_size', 'sequence_length', shape.vocabulary])
  for (let layer = 0; layer < shape.decoderLayers; layer++)
    for (const part of ['key', 'value']) graph.output(`present.${layer}.${part}`, 'float32', axes(total))
  return graph.toModel()
}
