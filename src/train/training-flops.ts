import {keyWidth, type NetworkShape, queryWidth} from '../onnx/network/shape.ts'
import type {BatchShape} from './training-graph.ts'

/**
 * Floating-point operations of the matrix products of one step, padding included: 2 for each multiplication forward, twice
 * that backward. Norms, activations and the optimizer are left out.
 */
export function trainingFlops(shape: NetworkShape, {rows, sourceLength, targetLength}: BatchShape): number {
  const {width, feedForward, encoderLayers, decoderLayers, vocabulary} = shape
  const queries = queryWidth(shape)
  const keys = keyWidth(shape)
  const self = width * (queries + 2 * keys) + queries * width
  const inner = 2 * width * feedForward
  const source = rows * sourceLength
  const target = rows * targetLength
  const encoder = encoderLayers * source * (self + inner + 2 * queries * sourceLength)
  const cross =
    sourceLength === 0
      ? 0
      : target * (2 * width * queries + 2 * queries * sourceLength) + source * 2 * width * keys
  const decoder = decoderLayers * (target * (self + inner + 2 * queries * targetLength) + cross)
  const head = target * width * vocabulary
  return 6 * (encoder + decoder + head)
}
