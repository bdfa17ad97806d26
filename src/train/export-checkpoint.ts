import {writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {copyTokenizer} from '../onnx/checkpoint/tokenizer-files.ts'
import {writeCheckpoint} from '../onnx/checkpoint/write-checkpoint.ts'
import type {TaskEvaluations} from './evaluate-tasks.ts'
import type {Parameter} from './initial-weights.ts'
import type {TrainingPlan} from './plan-training.ts'
import type {Spent} from './spent.ts'
import type {TrainingTime} from './time-file.ts'
import {trainingCard} from './training-card.ts'
import type {TrainingData} from './training-data.ts'
import {weightSource} from './weight-source.ts'

export interface TrainedFacts {
  /** The step whose weights are written, and all that were taken. */
  readonly step: number
  readonly steps: number
  /** What all steps cost. */
  readonly spent: Spent
  readonly time: TrainingTime
  readonly evaluation: TaskEvaluations
  readonly data: TrainingData
}

/** Writes the checkpoint that `slm eval` and other tools open; returns its files, relative to the folder. */
export function exportCheckpoint(
  folder: string,
  plan: TrainingPlan,
  parameters: readonly Parameter[],
  facts: TrainedFacts,
): readonly string[] {
  const {config, shape} = plan
  const {step, steps, spent, evaluation} = facts
  const isEncoderDecoder = shape.encoderLayers > 0
  const files = writeCheckpoint({
    folder,
    shape,
    weights: weightSource(parameters),
    precisions: [{dtype: 'fp32', blockSize: 32, accuracyLevel: 0}],
    tokens: plan.tokens,
    provenance: {
      network: 'mu',
      untrained: false,
      training: config.isTeacher ? 'teacher' : config.distillation ? 'kd' : 'seq2seq',
      ...(isEncoderDecoder
        ? {split: {encoderLayers: shape.encoderLayers, decoderLayers: shape.decoderLayers}}
        : {}),
      parameters: plan.parameters,
      options: {
        biases: shape.hasBiases,
        unitHeads: shape.hasUnitHeads === true,
        unitEmbedding: shape.hasUnitEmbedding === true,
      },
      tasks: config.tasks,
      seed: config.seed,
      config: plan.digest,
      step,
      steps,
      spent,
      evaluation,
    },
  })
  writeFileSync(join(folder, 'README.md'), trainingCard(plan, facts))
  return [...files, 'README.md', ...copyTokenizer(config.tokenizer, folder)]
}
