import {
  addOutput,
  attend,
  feedForward,
  type NetworkGraph,
  type Rotation,
  rmsNorm,
  selfProjections,
} from '../onnx/network/block.ts'
import {crossKeysAndValues, crossQueries} from '../onnx/network/cross-attention.ts'
import {tokenEmbedding} from '../onnx/network/embedding.ts'
import {encoderStack} from '../onnx/network/encoder.ts'
import {asKeyMask, causalMask, forGroup, isToken, range, scoreBias, sizeOf} from '../onnx/network/masks.ts'
import {frequencies, rotationAt} from '../onnx/network/rotation.ts'
import {type NetworkShape, networkTensors} from '../onnx/network/shape.ts'
import {GraphBuilder} from '../onnx/write/graph-builder.ts'
import {differentiate} from './gradient/differentiate.ts'
import {type Dims, newTape} from './gradient/tape.ts'
import {addLoss, addLossInputs, type LossOptions} from './loss.ts'

/** Every size of a batch, padding included. */
export interface BatchShape {
  readonly rows: number
  /** 0 for a decoder-only network, whose source stands in the decoder's input. */
  readonly sourceLength: number
  readonly targetLength: number
}

export interface TrainingGraphOptions {
  readonly shape: NetworkShape
  readonly loss: LossOptions
  /** `gradients` for training; `predictions` gives the likeliest token of every position that the loss counts instead. */
  readonly results: 'gradients' | 'predictions' | 'logits'
}

export interface TrainingGraph {
  readonly bytes: Uint8Array
  /** Weights by name as the graph takes them: linear ones (inputs, outputs). */
  readonly parameters: ReadonlyMap<string, readonly number[]>
  /** Outputs `d_<parameter>`, and those of looked-up rows: the ids' dims and the network's width. */
  readonly lookUps: readonly {readonly output: string; readonly ids: string}[]
}

/**
 * One graph of the network as it is trained: teacher-forced logits, loss and, on request, every gradient. Inputs are the
 * weights, `source_ids` (rows, source length; encoder-decoder only), `input_ids` (rows, target length) and what the loss
 * reads. The sizes of a batch stay open: to open a graph for new ones, and to fill fresh memory twice, took as long as a
 * step, and half of CodeXGLUE's batches have lengths that were not seen lately.
 */
export function trainingGraph({shape, loss, results}: TrainingGraphOptions): TrainingGraph {
  const tape = newTape()
  const parameters = new Set(networkTensors(shape).map(({name}) => name))
  const graph = new GraphBuilder('training', {opset: 20, weights: undefined, parameters, listener: tape})
  const network: NetworkGraph = {
    graph,
    shape,
    weights: () => {
      throw new Error('the weights of a training graph are inputs')
    },
    precision: {dtype: 'fp32', blockSize: 32, accuracyLevel: 0},
    isInternal: true,
  }
  const lossInputs = addLossInputs(graph)
  const {states, logitsOf} = writeNetwork(network)
  // Padding has no weight: a quarter of the positions, which neither the largest product nor its softmax need see.
  const logits = logitsOf(graph.node('Gather', [states, lossInputs.counted]))
  const seed = addLoss(graph, logits, lossInputs, shape.vocabulary, loss)
  if (results === 'predictions') {
    const likeliest = graph.node('ArgMax', [logits], {attributes: {axis: 1, keepdims: 0}})
    const none = graph.node('Mul', [lossInputs.allLabels, graph.integer(0)])
    const places = graph.node('Unsqueeze', [lossInputs.counted, graph.integers([1])])
    graph.node('ScatterND', [none, places, likeliest], {outputs: ['predictions']})
    graph.output('predictions', 'int64', ['positions'])
  }
  if (results === 'logits') {
    graph.node('Identity', [logitsOf(states)], {outputs: ['logits']})
    graph.output('logits', 'float32', ['positions', shape.vocabulary])
  }
  const dims = new Map([...parameters].map((name) => [name, (tape.tensors.get(name) ?? []).map(Number)]))
  if (results !== 'gradients') return {bytes: graph.toModel(), parameters: dims, lookUps: []}
  const {byParameter, lookUps} = differentiate(graph, tape, parameters, new Map([[logits, seed]]))
  const give = (value: string, output: string, axes: Dims): string => {
    graph.node('Identity', [value], {outputs: [output]})
    graph.output(output, 'float32', axes)
    return output
  }
  for (const [name, gradient] of byParameter) give(gradient, `d_${name}`, dims.get(name) ?? [])
  return {
    parameters: dims,
    lookUps: lookUps.map(({ids, gradient, dims: axes}) => ({
      output: give(gradient, `d_rows_of_${ids}`, axes),
      ids,
    })),
    bytes: graph.toModel(),
  }
}

/** What the last layer gives, (rows * target length, width), and how positions of it become logits, (positions, vocabulary). */
function writeNetwork(network: NetworkGraph): {
  readonly states: string
  readonly logitsOf: (states: string) => string
} {
  const {graph, shape} = network
  const {lookUp, logits} = tokenEmbedding(network)
  const encoded = shape.encoderLayers > 0 ? writeEncoder(network, lookUp) : undefined
  const ids = graph.input('input_ids', 'int64', ['rows', 'target_length'])
  const length = sizeOf(graph, ids, 1)
  // Padding stands at the right, where no token of the row looks.
  const keep = causalMask(graph, graph.integer(0), length)
  const bias = forGroup(graph, scoreBias(graph, keep), shape.heads / shape.keyValueHeads)
  const rotation = rotationOf(network, length)
  let x = lookUp(ids)
  for (let layer = 0; layer < shape.decoderLayers; layer++) {
    const prefix = `decoder.${layer}`
    const {queries, keys, values} = selfProjections(network, x, prefix, rotation)
    x = addOutput(network, x, attend(network, queries, keys, values, bias), `${prefix}.attention`)
    if (encoded) {
      const asked = crossQueries(network, x, layer)
      const cross = crossKeysAndValues(network, encoded.states, layer)
      const context = attend(network, asked, cross.keys, cross.values, encoded.bias)
      x = addOutput(network, x, context, `${prefix}.cross`)
    }
    x = feedForward(network, x, prefix)
  }
  return {
    states: graph.node('Reshape', [x, graph.integers([-1, shape.width])]),
    logitsOf: (states) => logits(rmsNorm(network, states, 'decoder.norm')),
  }
}

function writeEncoder(
  network: NetworkGraph,
  lookUp: (ids: string) => string,
): {readonly states: string; readonly bias: string} {
  const {graph, shape} = network
  const ids = graph.input('source_ids', 'int64', ['rows', 'source_length'])
  const bias = scoreBias(graph, asKeyMask(graph, isToken(graph, ids, shape.padToken)))
  return {states: encoderStack(network, lookUp(ids), rotationOf(network, sizeOf(graph, ids, 1)), bias), bias}
}

/** @param length int64 scalar */
function rotationOf(network: NetworkGraph, length: string): Rotation {
  const {graph} = network
  const positions = range(graph, graph.integer(0), length)
  return rotationAt(graph, graph.node('Unsqueeze', [positions, graph.integers([0])]), frequencies(network))
}
