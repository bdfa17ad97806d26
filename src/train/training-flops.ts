import type {NetworkShape} from '../onnx/network/shape.ts'
import type {BatchShape} from './training-graph.ts'

/** What of a network decides the size of its matrix products. */
type ProductShape = Pick<
  NetworkShape,
  | 'width'
  | 'heads'
  | 'keyValueHeads'
  | 'headSize'
  | 'feedForward'
  | 'encoderLayers'
  | 'decoderLayers'
  | 'vocabulary'
>

/**
 * Floating-point operations of the matrix products of one step as they are computed: 2 for each multiplication forward,
 * twice that backward; padding counts in attention alone. Norms, activations and the optimizer are left out.
 */
export function trainingFlops(shape: ProductShape, batch: BatchShape): number {
  return 3 * forwardFlops(shape, batch)
}

/** Those of a forward pass alone. */
export function forwardFlops(shape: ProductShape, batch: BatchShape): number {
  const {rows, sourceLength, targetLength} = batch
  const {width, feedForward, encoderLayers, decoderLayers, vocabulary} = shape
  const source = batch.sourceTokens ?? rows * sourceLength
  const target = batch.targetTokens ?? rows * targetLength
  const counted = batch.countedTokens ?? target
  const queries = shape.heads * shape.headSize
  const keys = shape.keyValueHeads * shape.headSize
  const layer = width * (queries + 2 * keys) + queries * width + 2 * width * feedForward
  const attention = (asked: number, read: number): number => 2 * rows * asked * queries * read
  const encoder = encoderLayers * (source * layer + attention(sourceLength, sourceLength))
  const cross =
    sourceLength === 0
      ? 0
      : target * 2 * width * queries + source * 2 * width * keys + attention(targetLength, sourceLength)
  const decoder = decoderLayers * (target * layer + attention(targetLength, targetLength) + cross)
  return 2 * (encoder + decoder + counted * width * vocabulary)
}
