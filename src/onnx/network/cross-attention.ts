import {attend, groupQueries, headsFirst} from './attention.ts'
import {addOutput, linearLayer, type NetworkGraph, rmsNorm, unitNorm} from './block.ts'
import {headsFirstTurned, headsInRows, layersApart} from './internal-layers.ts'
import {asBoolean, asKeyMask, scoreBias} from './masks.ts'
import {keyWidth, queryWidth} from './shape.ts'

/** What all cross-attentions of a merged decoder share. */
export interface Cross {
  /** (batch, source length, width) */
  readonly states: string
  /** (batch, 1, 1, source length), added to scores */
  readonly bias: string
  /** boolean (1): whether the keys and values of the states come from the cache */
  readonly isCached: string
  /** Cached keys and values by layer: (batch, key heads, source length, head size) */
  readonly caches: readonly {readonly keys: string; readonly values: string}[]
}

/** Components of a state that are looked at to tell a hidden token (all zeros) from a kept one. */
const LOOKED_AT = 8

export function crossInputs({graph, shape}: NetworkGraph): Cross {
  const mask = graph.input('encoder_attention_mask', 'int64', ['batch_size', 'encoder_sequence_length'])
  const states = graph.input('encoder_hidden_states', 'float32', [
    'batch_size',
    'encoder_sequence_length',
    shape.width,
  ])
  const axes = ['batch_size', shape.keyValueHeads, 'encoder_sequence_length_out', shape.headSize]
  const caches = Array.from({length: shape.decoderLayers}, (_, layer) => ({
    keys: graph.input(`past_key_values.${layer}.encoder.key`, 'float32', axes),
    values: graph.input(`past_key_values.${layer}.encoder.value`, 'float32', axes),
  }))
  const isCached = graph.input('use_cache_branch', 'bool', [1])
  const few = graph.node('Slice', [
    states,
    graph.integers([0]),
    graph.integers([LOOKED_AT]),
    graph.integers([2]),
  ])
  const size = graph.node('ReduceMax', [graph.node('Abs', [few]), graph.integers([2])], {
    attributes: {keepdims: 0},
  })
  const isState = graph.node('Greater', [size, graph.float(0)])
  const keep = graph.node('And', [asBoolean(graph, mask), isState])
  return {states, bias: scoreBias(graph, asKeyMask(graph, keep)), isCached, caches}
}

/** x + output(attention of norm(x) over the encoder's states). */
export function crossAttention(network: NetworkGraph, x: string, layer: number, cross: Cross): string {
  const {graph} = network
  const prefix = `decoder.${layer}.cross`
  const queries = crossQueries(network, x, layer)
  const [context = ''] = graph.nodes('If', [cross.isCached], 3, {
    attributes: {
      then_branch: {graph: cachedBranch(network, queries, layer, cross)},
      else_branch: {graph: computingBranch(network, queries, layer, cross)},
    },
    outputs: [`${prefix}.context`, `present.${layer}.encoder.key`, `present.${layer}.encoder.value`],
  })
  return addOutput(network, x, context, prefix)
}

/** The queries of norm(x), as `groupQueries` gives them. */
export function crossQueries(network: NetworkGraph, x: string, layer: number): string {
  const {graph, shape} = network
  const prefix = `decoder.${layer}.cross`
  const normed = rmsNorm(network, x, `${prefix}.norm`)
  const projected = linearLayer(network, normed, `${prefix}.query`, queryWidth(shape), shape.width)
  const {packed} = network
  if (packed) {
    const options = {heads: shape.heads, isUnit: shape.hasUnitHeads ?? false}
    return groupQueries(network, headsInRows(network, packed, projected, options))
  }
  const split = graph.node('Reshape', [projected, graph.integers([0, 0, shape.heads, shape.headSize])])
  return groupQueries(network, shape.hasUnitHeads ? unitNorm(network, split, shape.headSize) : split)
}

/** The keys and values of the encoder's states: (batch, key heads, source length, head size) each. */
export function crossKeysAndValues(
  network: NetworkGraph,
  states: string,
  layer: number,
): {readonly keys: string; readonly values: string} {
  const {graph, shape} = network
  const {keyValueHeads, headSize} = shape
  const name = `decoder.${layer}.cross.key_value`
  const packedRows = network.packed
  if (packedRows) {
    const widths = [keyWidth(shape), keyWidth(shape)]
    const [keys = '', values = ''] = layersApart(network, states, name, widths, shape.width)
    const turned = (flat: string, isUnit: boolean): string =>
      headsFirstTurned(graph, headsInRows(network, packedRows, flat, {heads: keyValueHeads, isUnit}))
    return {keys: turned(keys, shape.hasUnitHeads ?? false), values: turned(values, false)}
  }
  const packed = linearLayer(network, states, name, 2 * keyWidth(shape), shape.width)
  const split = graph.node('Reshape', [packed, graph.integers([0, 0, 2 * keyValueHeads, headSize])])
  const [keys = '', values = ''] = graph.nodes(
    'Split',
    [headsFirst(graph, split), graph.integers([keyValueHeads, keyValueHeads])],
    2,
    {attributes: {axis: 1}},
  )
  return {keys: shape.hasUnitHeads ? unitNorm(network, keys, headSize) : keys, values}
}

/** Reads keys and values from the cache and returns empty ones: what was not computed need not be copied. */
function cachedBranch(network: NetworkGraph, queries: string, layer: number, cross: Cross) {
  const {shape} = network
  const graph = network.graph.branch(`cross_${layer}_cached`)
  const {keys = '', values = ''} = cross.caches[layer] ?? {}
  const context = attend({...network, graph}, queries, keys, values, cross.bias)
  const empty = {dataType: 'float32', dims: [0, shape.keyValueHeads, 1, shape.headSize]} as const
  const none = (): string =>
    graph.node('Constant', [], {attributes: {value: {tensor: {...empty, bytes: new Uint8Array(0)}}}})
  return withOutputs(graph, context, none(), none(), network)
}

/** Computes keys and values from the states, once for each input. */
function computingBranch(network: NetworkGraph, queries: string, layer: number, cross: Cross) {
  const graph = network.graph.branch(`cross_${layer}_computed`)
  const inside = {...network, graph}
  const {keys, values} = crossKeysAndValues(inside, cross.states, layer)
  return withOutputs(graph, attend(inside, queries, keys, values, cross.bias), keys, values, network)
}

function withOutputs(
  graph: NetworkGraph['graph'],
  context: string,
  keys: string,
  values: string,
  {shape}: NetworkGraph,
): NetworkGraph['graph'] {
  const axes = ['batch_size_out', shape.keyValueHeads, 'encoder_sequence_length_out', shape.headSize]
  graph.output(context, 'float32', ['batch_size', 'decoder_sequence_length', queryWidth(shape)])
  graph.output(keys, 'float32', axes)
  graph.output(values, 'float32', axes)
  return graph
}
