import type {TensorArray} from '../../src/engine/array-graph.ts'
import {shapeOf} from '../../src/onnx/network/plan.ts'
import type {NetworkShape} from '../../src/onnx/network/shape.ts'
import {type Batch, type Example, toBatch} from '../../src/train/batch.ts'
import {initialWeights, type Parameter} from '../../src/train/initial-weights.ts'
import {type TrainingGraphOptions, trainingGraph} from '../../src/train/training-graph.ts'
import {draw} from './check-gradient.ts'

const WISH = {
  vocabulary: 23,
  contextLength: 64,
  width: 16,
  heads: 4,
  keyValueHeads: 2,
  headSize: 4,
  feedForward: 24,
  hasBiases: false,
}
const RECIPE = {hasUnitHeads: true, hasUnitEmbedding: true}

/** By the training recipe, and as the paper has it: biases, no unit sizes. */
export const SHAPES: Readonly<Record<string, NetworkShape>> = {
  'encoder-decoder, recipe': {...shapeOf(WISH, 1, 2), ...RECIPE},
  'decoder-only, recipe': {...shapeOf(WISH, 0, 2), ...RECIPE},
  'encoder-decoder, paper': shapeOf({...WISH, hasBiases: true}, 1, 1),
}

export const EXAMPLES: readonly Example[] = [
  {source: [1, 7, 8, 9], target: [11, 12, 2]},
  {source: [1, 5, 6, 7, 8, 9, 10, 11, 12], target: [20, 2]},
  {source: [1, 3], target: [13, 14, 15, 16, 2]},
]

export function smallBatch(shape: NetworkShape): Batch {
  return toBatch(EXAMPLES, {
    isEncoderDecoder: shape.encoderLayers > 0,
    rows: 4,
    beginToken: 1,
    padToken: 0,
    sourceWeight: 0.2,
  })
}

/** Weights away from zero, so that nothing hides behind a zero. */
export function fullWeights(shape: NetworkShape): readonly Parameter[] {
  const {parameters} = trainingGraph(graphOptions(shape))
  return initialWeights(shape, parameters, 1).map((parameter, at) => ({
    ...parameter,
    values: draw(parameter.dims, at + 1).map((value) =>
      parameter.name.endsWith('norm') ? 1 + 0.3 * value : 0.4 * value,
    ),
  }))
}

export function graphOptions(
  shape: NetworkShape,
  options: Partial<TrainingGraphOptions> = {},
): TrainingGraphOptions {
  const loss = {zLoss: 0.01, distillation: undefined}
  return {shape, loss, results: 'logits', ...options}
}

/** What a graph reads beside the weights: weights of the loss that sum to 1, teacher logits when asked for. */
export function lossInputs(
  batch: Batch,
  teacherVocabulary?: number | undefined,
): Record<string, TensorArray> {
  const total = batch.lossWeights.reduce((sum, weight) => sum + weight, 0)
  const targets = batch.targetWeights.reduce((sum, weight) => sum + weight, 0)
  const count = batch.lossWeights.length
  return {
    ...batch.inputs,
    loss_weights: {data: batch.lossWeights.map((weight) => weight / total), dims: [count]},
    target_weights: {data: batch.targetWeights.map((weight) => weight / targets), dims: [count]},
    ...(teacherVocabulary
      ? {
          teacher_logits: {
            data: draw([count, teacherVocabulary], 77).map((value) => 3 * value),
            dims: [count, teacherVocabulary],
          },
          teacher_rows: {data: BigInt64Array.from({length: count}, (_, at) => BigInt(at)), dims: [count]},
        }
      : {}),
  }
}

export function asInputs(parameters: readonly Parameter[]): Record<string, TensorArray> {
  return Object.fromEntries(parameters.map(({name, dims, values}) => [name, {data: values, dims}]))
}
