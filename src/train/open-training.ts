import {join} from 'node:path'
import type {TrainConfig} from '../config/train-config.ts'
import {openTokenizer} from '../tokenizer/open-tokenizer.ts'
import type {BatchOptions, Example} from './batch.ts'
import {batchSequence} from './batch-order.ts'
import {type ExampleOptions, type Examples, readExamples} from './examples.ts'
import {GraphCache} from './graph-cache.ts'
import {initialWeights} from './initial-weights.ts'
import {planDigest, planTraining, type TrainingPlan} from './plan-training.ts'
import {openTeacher, type Teacher} from './teacher.ts'
import {Trainer} from './trainer.ts'
import {trainingGraph} from './training-graph.ts'

/** Everything a training works with, opened. */
export interface OpenTraining {
  readonly plan: TrainingPlan
  readonly trainer: Trainer
  readonly predictions: GraphCache
  readonly teacher: Teacher | undefined
  readonly examples: Examples
  readonly evaluated: readonly Example[]
  readonly batchOptions: BatchOptions
  /** The examples of a step, one list for each of its batches; steps count from 0. */
  readonly batchesOf: (step: number) => readonly (readonly Example[])[]
  close(): Promise<void>
}

/** Files of a training inside the checkpoint's folder. */
export function trainingFiles(out: string) {
  const folder = join(out, 'training')
  return {
    folder,
    state: join(folder, 'state.safetensors'),
    best: join(folder, 'best.safetensors'),
    log: join(folder, 'log.jsonl'),
    curve: join(folder, 'loss.svg'),
  }
}

/** Reads data and tokenizer, and opens the graphs that do not depend on a batch's lengths. */
export async function openTraining(
  config: TrainConfig,
  threads: number,
  nowMs: () => number,
): Promise<OpenTraining> {
  const tokenizer = await openTokenizer(config.tokenizer)
  const settled = planTraining(config)
  const {shape, tokens} = settled
  const reading: ExampleOptions = {
    tasks: config.tasks,
    split: config.split,
    data: config.data,
    repeat: config.repeat,
    limit: config.limit,
    architecture: config.network.arch,
    maxSourceTokens: config.maxSourceTokens,
    maxTargetTokens: config.maxTargetTokens,
    endToken: tokens.end,
  }
  const {split, data, limit} = config.evaluation
  const examples = await readExamples(tokenizer, reading)
  const evaluated = await readExamples(tokenizer, {...reading, split, data, limit, repeat: {}})
  const easy = config.curriculum
    ? await readExamples(tokenizer, {...reading, data: config.curriculum.data})
    : undefined
  const {distillation} = config
  const teacher = distillation
    ? await openTeacher(distillation.teacher, tokenizer.digest, shape.vocabulary, threads)
    : undefined
  const plan = {
    ...settled,
    digest: planDigest(config, {
      tokenizer: tokenizer.digest,
      teacher: teacher?.digest,
      examples: [examples.examples, evaluated.examples, easy?.examples ?? []],
    }),
  }
  const trainer = await openTrainer(plan, threads, nowMs)
  const predictions = new GraphCache(
    {shape, loss: {zLoss: 0, distillation: undefined}, results: 'predictions'},
    threads,
  )
  return {
    plan,
    trainer,
    predictions,
    teacher,
    examples,
    evaluated: evaluated.examples,
    batchOptions: {
      isEncoderDecoder: shape.encoderLayers > 0,
      rows: config.batchSize,
      beginToken: tokens.begin,
      padToken: tokens.pad,
      sourceWeight: config.sourceLoss,
    },
    batchesOf: stepBatches(config, examples.examples, easy?.examples),
    close: async () => {
      await trainer.close()
      await predictions.close()
      await teacher?.close()
    },
  }
}

function openTrainer({config, shape}: TrainingPlan, threads: number, nowMs: () => number): Promise<Trainer> {
  const {kind, learningRate, otherLearningRate, weightDecay, clip, betas} = config.optimizer
  const [beta1, beta2] = betas
  const loss = {zLoss: config.zLoss, distillation: config.distillation}
  const {parameters} = trainingGraph({shape, loss, results: 'logits'})
  const optimizer = {kind, learningRate, otherLearningRate, weightDecay, clip, beta1, beta2}
  return Trainer.open(
    {shape, loss, optimizer, threads, nowMs},
    initialWeights(shape, parameters, config.seed),
  )
}

function stepBatches(
  {batchSize, accumulate, seed, curriculum}: TrainConfig,
  examples: readonly Example[],
  easy: readonly Example[] | undefined,
): OpenTraining['batchesOf'] {
  const all = batchSequence(examples, batchSize, seed)
  const first = easy && curriculum ? curriculum.steps : 0
  const easier = easy ? batchSequence(easy, batchSize, seed) : all
  return (step) =>
    Array.from({length: accumulate}, (_, at) =>
      step < first ? easier(step * accumulate + at) : all((step - first) * accumulate + at),
    )
}
