import {GraphBuilder, type GraphOptions} from '../write/graph-builder.ts'
import {attend, selfProjections} from './attention.ts'
import {addOutput, feedForward, type NetworkGraph, rmsNorm} from './block.ts'
import {tokenEmbedding} from './embedding.ts'
import {asBoolean, asKeyMask, isToken, range, scoreBias, sizeOf} from './masks.ts'
import type {Precision} from './precision.ts'
import {frequencies, type Rotation, rotationAt, scaledFrequencies} from './rotation.ts'
import type {NetworkShape} from './shape.ts'
import type {WeightSource} from './weight-source.ts'

/**
 * `encoder_model.onnx`: input_ids, attention_mask -> last_hidden_state. A token that nothing may attend to (masked, or of
 * the padding id) has zeros for its state: that is how the decoder knows, which is given states and a mask alone.
 */
export function encoderGraph(
  shape: NetworkShape,
  weights: WeightSource,
  precision: Precision,
  options: GraphOptions,
): Uint8Array {
  const graph = new GraphBuilder('encoder', options)
  const network: NetworkGraph = {graph, shape, weights, precision}
  const axes = ['batch_size', 'encoder_sequence_length'] as const
  const ids = graph.input('input_ids', 'int64', axes)
  const mask = graph.input('attention_mask', 'int64', axes)
  const keep = graph.node('And', [asBoolean(graph, mask), isToken(graph, ids, shape.padToken)])
  const bias = scoreBias(graph, asKeyMask(graph, keep))
  const length = sizeOf(graph, ids, 1)
  // The paper centres encoder positions; only their differences reach a score, so counting from 0 is the same.
  const positions = graph.node('Unsqueeze', [range(graph, graph.integer(0), length), graph.integers([0])])
  const turns = shape.ropeFactor === 1 ? frequencies(network) : scaledFrequencies(network, length)
  const rotation = rotationAt(graph, positions, turns)
  const {lookUp} = tokenEmbedding(network)
  const states = encoderStack(network, lookUp(ids), rotation, bias)
  const isKept = graph.node('Unsqueeze', [keep, graph.integers([2])])
  graph.node('Where', [isKept, states, graph.float(0)], {outputs: ['last_hidden_state']})
  graph.output('last_hidden_state', 'float32', [...axes, shape.width])
  return graph.toModel()
}

/**
 * All layers of the encoder and the norm after them.
 * @param x (batch, length, width)
 * @param bias added to scores, (batch, 1, 1, length)
 */
export function encoderStack(network: NetworkGraph, x: string, rotation: Rotation, bias: string): string {
  let states = x
  for (let layer = 0; layer < network.shape.encoderLayers; layer++) {
    const prefix = `encoder.${layer}`
    const {queries, keys, values} = selfProjections(network, states, prefix, rotation)
    const context = attend(network, queries, keys, values, bias)
    states = addOutput(network, states, context, `${prefix}.attention`)
    states = feedForward(network, states, prefix)
  }
  return rmsNorm(network, states, 'encoder.norm')
}
