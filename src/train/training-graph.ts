import {attend, selfProjections} from '../onnx/network/attention.ts'
import {addOutput, feedForward, type NetworkGraph, rmsNorm} from '../onnx/network/block.ts'
import {crossKeysAndValues, crossQueries} from '../onnx/network/cross-attention.ts'
import {tokenEmbedding} from '../onnx/network/embedding.ts'
import {encoderStack} from '../onnx/network/encoder.ts'
import {asKeyMask, causalMask, forGroup, range, scoreBias, sizeOf} from '../onnx/network/masks.ts'
import {frequencies, type Rotation, rotationAt} from '../onnx/network/rotation.ts'
import {type NetworkShape, networkTensors} from '../onnx/network/shape.ts'
import {GraphBuilder} from '../onnx/write/graph-builder.ts'
import {differentiate} from './gradient/differentiate.ts'
import {type Dims, newTape, type Tape} from './gradient/tape.ts'
import {addLoss, addLossInputs, type LossOptions} from './loss.ts'
import {packedRows} from './packed-rows.ts'

/** Every size of a batch. */
export interface BatchShape {
  readonly rows: number
  /** 0 for a decoder-only network, whose source stands in the decoder's input. */
  readonly sourceLength: number
  readonly targetLength: number
  /** Positions that are no padding; all of them where nothing is said. */
  readonly sourceTokens?: number
  readonly targetTokens?: number
  /** Positions that the loss counts; all tokens of the decoder's input where nothing is said. */
  readonly countedTokens?: number
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
 * weights, `source_ids` (tokens; encoder-decoder only) and `input_ids` (tokens), each with where its tokens stand
 * (packed-rows.ts), and what the loss reads. The sizes of a batch stay open: to open a graph for new ones, and to fill fresh memory twice, took as long as a
 * step, and half of CodeXGLUE's batches have lengths that were not seen lately.
 */
export function trainingGraph({shape, loss, results}: TrainingGraphOptions): TrainingGraph {
  const tape = newTape()
  const parameters = new Set(networkTensors(shape).map(({name}) => name))
  const graph = new GraphBuilder('training', {opset: 20, weights: undefined, parameters, listener: tape})
  const network = {
    graph,
    shape,
    weights: () => {
      throw new Error('the weights of a training graph are inputs')
    },
    precision: {dtype: 'fp32', blockSize: 32, accuracyLevel: 0} as const,
  }
  const lossInputs = addLossInputs(graph)
  const {statesAt, logitsOf} = writeNetwork(network, tape)
  // Padding has no weight: a quarter of the positions, which neither the largest product nor its softmax need see.
  const logits = logitsOf(statesAt(lossInputs.counted))
  const seed = addLoss(graph, logits, lossInputs, shape.vocabulary, loss)
  if (results === 'predictions') {
    const likeliest = graph.node('ArgMax', [logits], {attributes: {axis: 1, keepdims: 0}})
    const none = graph.node('Mul', [lossInputs.allLabels, graph.integer(0)])
    const places = graph.node('Unsqueeze', [lossInputs.counted, graph.integers([1])])
    graph.node('ScatterND', [none, places, likeliest], {outputs: ['predictions']})
    graph.output('predictions', 'int64', ['positions'])
  }
  if (results === 'logits') {
    graph.node('Identity', [logitsOf(statesAt(lossInputs.all()))], {outputs: ['logits']})
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

type Unpacked = Omit<NetworkGraph, 'packed'>

/** What the last layer gives by position, (positions) -> (positions, width), and how that becomes logits. */
function writeNetwork(
  base: Unpacked,
  tape: Tape,
): {
  readonly statesAt: (positions: string) => string
  readonly logitsOf: (states: string) => string
} {
  const {graph, shape} = base
  const encoded = shape.encoderLayers > 0 ? writeEncoder(base, tape) : undefined
  const packed = packedRows(graph, tape, 'target', shape)
  const network: NetworkGraph = {...base, packed}
  const {lookUp, logits} = tokenEmbedding(network)
  const ids = graph.input('input_ids', 'int64', ['target_tokens'])
  const length = sizeOf(graph, packed.places, 1)
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
      const cross = crossKeysAndValues(encoded.network, encoded.states, layer)
      const context = attend(network, asked, cross.keys, cross.values, encoded.bias)
      x = addOutput(network, x, context, `${prefix}.cross`)
    }
    x = feedForward(network, x, prefix)
  }
  const flatPlaces = graph.node('Reshape', [packed.places, graph.integers([-1])])
  return {
    statesAt: (positions) => graph.node('Gather', [x, graph.node('Gather', [flatPlaces, positions])]),
    logitsOf: (states) => logits(rmsNorm(network, states, 'decoder.norm')),
  }
}

function writeEncoder(
  base: Unpacked,
  tape: Tape,
): {readonly network: NetworkGraph; readonly states: string; readonly bias: string} {
  const {graph, shape} = base
  const packed = packedRows(graph, tape, 'source', shape)
  const network: NetworkGraph = {...base, packed}
  const ids = graph.input('source_ids', 'int64', ['source_tokens'])
  const isToken = graph.node('GreaterOrEqual', [packed.places, graph.integer(0)])
  const bias = scoreBias(graph, asKeyMask(graph, isToken))
  const x = tokenEmbedding(network).lookUp(ids)
  const rotation = rotationOf(network, sizeOf(graph, packed.places, 1))
  return {network, states: encoderStack(network, x, rotation, bias), bias}
}

/** @param length int64 scalar */
function rotationOf(network: NetworkGraph, length: string): Rotation {
  const {graph} = network
  const positions = range(graph, graph.integer(0), length)
  return rotationAt(graph, graph.node('Unsqueeze', [positions, graph.integers([0])]), frequencies(network))
}
