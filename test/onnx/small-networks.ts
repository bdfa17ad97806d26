import {decoderOnlyGraph} from '../../src/onnx/network/decoder-only.ts'
import {encoderGraph} from '../../src/onnx/network/encoder.ts'
import {mergedDecoderGraph} from '../../src/onnx/network/merged-decoder.ts'
import {shapeOf} from '../../src/onnx/network/plan.ts'
import type {BuildDtype, Precision} from '../../src/onnx/network/precision.ts'
import {randomWeights} from '../../src/onnx/network/random-weights.ts'
import type {NetworkShape} from '../../src/onnx/network/shape.ts'
import type {WeightSource} from '../../src/onnx/network/weight-source.ts'
import {MergedModel} from './merged-decoder.ts'
import {openGraph} from './run-graph.ts'

/** 4 heads that share 2 key heads, so that grouping shows; 40 wide, so that blocks of 32 are not full. */
const WISH = {vocabulary: 61, contextLength: 64, width: 40, heads: 4, keyValueHeads: 2, headSize: 8}

export const ENC_DEC: NetworkShape = shapeOf({...WISH, feedForward: 72}, 2, 2)
export const DEC_ONLY: NetworkShape = shapeOf({...WISH, feedForward: 72}, 0, 3)
export const OPTIONS = {opset: 20, weights: undefined} as const

export function precision(dtype: BuildDtype, accuracyLevel: 0 | 4 = 0): Precision {
  return {dtype, blockSize: 32, accuracyLevel}
}

export function weightsFor(shape: NetworkShape): WeightSource {
  return randomWeights(shape, 11, 2)
}

export async function openMerged(
  shape: NetworkShape,
  weights: WeightSource,
  dtype: BuildDtype,
): Promise<MergedModel> {
  const encoder = await openGraph(encoderGraph(shape, weights, precision(dtype), OPTIONS))
  const decoder = await openGraph(mergedDecoderGraph(shape, weights, precision(dtype), OPTIONS))
  return new MergedModel(encoder, decoder, shape)
}

export function decoderOnlyBytes(dtype: BuildDtype, accuracyLevel: 0 | 4 = 0): Uint8Array {
  return decoderOnlyGraph(DEC_ONLY, weightsFor(DEC_ONLY), precision(dtype, accuracyLevel), OPTIONS)
}
