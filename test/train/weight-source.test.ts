import {describe, expect, it} from 'vitest'
import {openArrayGraph} from '../../src/engine/array-graph.ts'
import {decoderOnlyGraph} from '../../src/onnx/network/decoder-only.ts'
import {encoderGraph} from '../../src/onnx/network/encoder.ts'
import {mergedDecoderGraph} from '../../src/onnx/network/merged-decoder.ts'
import type {NetworkShape} from '../../src/onnx/network/shape.ts'
import type {Example} from '../../src/train/batch.ts'
import {trainingGraph} from '../../src/train/training-graph.ts'
import {weightSource} from '../../src/train/weight-source.ts'
import {MergedModel} from '../onnx/merged-decoder.ts'
import {distance, emptyCache, int64, numbers, openGraph} from '../onnx/run-graph.ts'
import {OPTIONS, precision} from '../onnx/small-networks.ts'
import {
  asInputs,
  EXAMPLES,
  fullWeights,
  graphOptions,
  lossInputs,
  SHAPES,
  smallBatch,
} from './small-training.ts'

/** Logits of the training graph: (rows * target length, vocabulary). */
async function trainingLogits(shape: NetworkShape): Promise<Float32Array> {
  const batch = smallBatch(shape)
  const graph = await openArrayGraph(trainingGraph(graphOptions(shape)).bytes, 1)
  const count = batch.lossWeights.length
  const logits = {data: new Float32Array(count * shape.vocabulary), dims: [count, shape.vocabulary]}
  await graph.run({...asInputs(fullWeights(shape)), ...lossInputs(batch)}, {logits})
  await graph.close()
  return logits.data
}

/** The exported decoder's logits at every answer position, one token at a time through its cache. */
async function encoderDecoderSteps(shape: NetworkShape, {source, target}: Example): Promise<Float32Array[]> {
  const weights = weightSource(fullWeights(shape))
  const encoder = await openGraph(encoderGraph(shape, weights, precision('fp32'), OPTIONS))
  const decoder = await openGraph(mergedDecoderGraph(shape, weights, precision('fp32'), OPTIONS))
  const model = new MergedModel(encoder, decoder, shape)
  const encoded = await model.encode([source])
  const steps: Float32Array[] = []
  let cache: Parameters<typeof model.step>[2]
  for (const id of [1, ...target.slice(0, -1)]) {
    const step = await model.step(encoded, [[id]], cache)
    steps.push(step.logits)
    cache = step.cache
  }
  return steps
}

/** The exported graph's logits over prompt and answer at once. */
async function decoderOnlyRow(shape: NetworkShape, {source, target}: Example): Promise<Float32Array> {
  const weights = weightSource(fullWeights(shape))
  const session = await openGraph(decoderOnlyGraph(shape, weights, precision('fp32'), OPTIONS))
  const ids = [...source, ...target.slice(0, -1)]
  const caches = Array.from({length: shape.decoderLayers}, (_, layer) =>
    ['key', 'value'].map(
      (part) =>
        [`past_key_values.${layer}.${part}`, emptyCache(1, shape.keyValueHeads, shape.headSize)] as const,
    ),
  ).flat()
  const outputs = await session.run({
    input_ids: int64(ids, [1, ids.length]),
    attention_mask: int64(
      ids.map(() => 1),
      [1, ids.length],
    ),
    position_ids: int64([...ids.keys()], [1, ids.length]),
    ...Object.fromEntries(caches),
  })
  return numbers(outputs['logits'])
}

describe('exported graphs', () => {
  for (const [name, shape] of Object.entries(SHAPES))
    it(`give the training graph's logits, teacher-forced, at every answer position: ${name}`, async () => {
      const expected = await trainingLogits(shape)
      const batch = smallBatch(shape)
      const {targetLength} = batch.shape
      const V = shape.vocabulary
      let worst = 0
      for (const [row, example] of EXAMPLES.entries()) {
        const {start, length} = batch.answers[row]!
        const first = (row * targetLength + start) * V
        if (shape.encoderLayers > 0)
          for (const [step, logits] of (await encoderDecoderSteps(shape, example)).entries())
            worst = Math.max(
              worst,
              distance(logits, expected.subarray(first + step * V, first + (step + 1) * V)),
            )
        else {
          const logits = (await decoderOnlyRow(shape, example)).subarray(start * V)
          worst = Math.max(worst, distance(logits, expected.subarray(first, first + length * V)))
        }
      }
      expect(worst).toBeLessThan(1e-4)
    })
})
