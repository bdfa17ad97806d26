/**
 * The one family of networks that this program builds: pre-norm transformer blocks with grouped-query attention, RoPE on
 * self-attention, a plain feed-forward with GELU and a tied embedding (arXiv 2501.16273, "Mu"). With no encoder layers
 * it is decoder-only: the same block without cross-attention.
 */
export interface NetworkShape {
  readonly vocabulary: number
  readonly width: number
  readonly heads: number
  readonly keyValueHeads: number
  readonly headSize: number
  readonly feedForward: number
  /** 0 means decoder-only. */
  readonly encoderLayers: number
  readonly decoderLayers: number
  /** Longest prompt that the network is meant for. */
  readonly contextLength: number
  readonly ropeTheta: number
  /** NTK scaling of the base beyond `contextLength`, in the encoder; 1 means none. */
  readonly ropeFactor: number
  readonly hasBiases: boolean
  /** Queries and keys are brought to unit size, head by head and without a gain, before they are rotated. The paper's are not. */
  readonly hasUnitHeads?: boolean
  /** Looked-up embeddings are brought to unit size before the first layer. The paper's are not. */
  readonly hasUnitEmbedding?: boolean
  /** Id of padding. A token of this id is never attended to, wherever it stands. */
  readonly padToken: number
}

/** A weight: its name, and its axes as PyTorch has them (output features first). */
export interface TensorShape {
  readonly name: string
  readonly dims: readonly number[]
}

/** Every weight of the network, in a fixed order. The embedding is also the output head. */
export function networkTensors(shape: NetworkShape): readonly TensorShape[] {
  const layers = (stack: 'encoder' | 'decoder', count: number): readonly TensorShape[] =>
    Array.from({length: count}, (_, layer) => layerTensors(`${stack}.${layer}`, stack, shape)).flat()
  return [
    {name: 'embedding', dims: [shape.vocabulary, shape.width]},
    ...layers('encoder', shape.encoderLayers),
    ...(shape.encoderLayers > 0 ? [{name: 'encoder.norm', dims: [shape.width]}] : []),
    ...layers('decoder', shape.decoderLayers),
    {name: 'decoder.norm', dims: [shape.width]},
  ]
}

export function countNetworkParameters(shape: NetworkShape): number {
  return networkTensors(shape).reduce(
    (total, {dims}) => total + dims.reduce((product, dim) => product * dim, 1),
    0,
  )
}

/** The embedding as a matrix from the width to the vocabulary, which is what it is as output head. */
export function embeddingMatrix({vocabulary, width}: NetworkShape) {
  return {name: 'embedding', outputs: vocabulary, inputs: width}
}

/** Width of all query heads together. */
export function queryWidth({heads, headSize}: NetworkShape): number {
  return heads * headSize
}

/** Width of all key heads together, and of all value heads. */
export function keyWidth({keyValueHeads, headSize}: NetworkShape): number {
  return keyValueHeads * headSize
}

function layerTensors(
  prefix: string,
  stack: 'encoder' | 'decoder',
  shape: NetworkShape,
): readonly TensorShape[] {
  const {width, feedForward} = shape
  const queries = queryWidth(shape)
  const keys = keyWidth(shape)
  const linear = (name: string, outputs: number, inputs: number): readonly TensorShape[] => [
    {name: `${prefix}.${name}.weight`, dims: [outputs, inputs]},
    ...(shape.hasBiases ? [{name: `${prefix}.${name}.bias`, dims: [outputs]}] : []),
  ]
  const norm = (name: string): TensorShape => ({name: `${prefix}.${name}.norm`, dims: [width]})
  const cross =
    stack === 'decoder' && shape.encoderLayers > 0
      ? [
          norm('cross'),
          ...linear('cross.query', queries, width),
          ...linear('cross.key_value', 2 * keys, width),
          ...linear('cross.output', width, queries),
        ]
      : []
  return [
    norm('attention'),
    ...linear('attention.query_key_value', queries + 2 * keys, width),
    ...linear('attention.output', width, queries),
    ...cross,
    norm('feed_forward'),
    ...linear('feed_forward.up', feedForward, width),
    ...linear('feed_forward.down', width, feedForward),
  ]
}
