import {keyWidth, type NetworkShape, queryWidth} from '../onnx/network/shape.ts'
import type {BatchShape} from './training-graph.ts'

/**
 * Floating-point operations of the matrix products of one step as they are computed: 2 for each multiplication forward,
 * twice that backward; padding counts in attention alone. Norms, activations and the optimizer are left out.
 */
export function trainingFlops(shape: NetworkShape, batch: BatchShape): number {
  const {rows, sourceLength, targetLength} = batch
  const {width, feedForward, encoderLayers, decoderLayers, vocabulary} = shape
  const source = batch.sourceTokens ?? rows * sourceLength
  const target = batch.targetTokens ?? rows * targetLength
  const counted = batch.countedTokens ?? target
  const queries = queryWidth(shape)
  const keys = keyWidth(shape)
  const layer = width * (queries + 2 * keys) + queries * width + 2 * width * feedForward
  const attention = (asked: number, read: number): number => 2 * rows * asked * queries * read
  const encoder = encoderLayers * (source * layer + attention(sourceLength, sourceLength))
  const cross =
    sourceLength === 0
      ? 0
      : target * 2 * width * queries + source * 2 * width * keys + attention(targetLength, sourceLength)
  const decoder = decoderLayers * (target * layer + attention(targetLength, targetLength) + cross)
  return 6 * (encoder + decoder + counted * width * vocabulary)
}
