import {join} from 'node:path'
import type {TrainConfig} from '../config/train-config.ts'
import {openTokenizer} from '../tokenizer/open-tokenizer.ts'
import type {BatchOptions, Example} from './batch.ts'
import {batchSequence} from './batch-order.ts'
import type {TaskExamples} from './examples.ts'
import {initialWeights} from './initial-weights.ts'
import {epochExamples, rowsPerEpoch} from './mixture.ts'
import {planDigest, planTraining, type TrainingPlan} from './plan-training.ts'
import {openTeacher, type Teacher} from './teacher.ts'
import {Trainer} from './trainer.ts'
import {readTrainingData, type TrainingData} from './training-data.ts'
import {trainingGraph} from './training-graph.ts'
import {TrainingSession} from './training-session.ts'

/** Everything a training works with, opened. */
export interface OpenTraining {
  readonly out: string
  readonly threads: number
  readonly plan: TrainingPlan
  readonly trainer: Trainer
  readonly predictions: TrainingSession
  readonly teacher: Teacher | undefined
  /** How the student draws the answers that the teacher judges; undefined: it judges the data's own. */
  readonly drawing: NonNullable<TrainConfig['distillation']>['sampling'] | undefined
  readonly data: TrainingData
  /** Rows of each task in an epoch, in the order of the tasks. */
  readonly epochRows: readonly number[]
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
    time: join(folder, 'time.json'),
    curve: join(folder, 'loss.svg'),
    /** Only while the student draws answers. */
    student: join(folder, 'student'),
  }
}

/** Reads data and tokenizer, and opens the graphs that do not depend on a batch's lengths. */
export async function openTraining(
  config: TrainConfig,
  out: string,
  threads: number,
  nowMs: () => number,
): Promise<OpenTraining> {
  const tokenizer = await openTokenizer(config.tokenizer)
  const settled = planTraining(config)
  const {shape, tokens} = settled
  const data = await readTrainingData(config, tokenizer, tokens.end)
  const epochRows = rowsPerEpoch(data.learned, config)
  const {distillation} = config
  const teacher = distillation
    ? await openTeacher(distillation.teacher, tokenizer.digest, shape.vocabulary, threads)
    : undefined
  const plan = {
    ...settled,
    digest: planDigest(config, {
      tokenizer: tokenizer.digest,
      teacher: teacher?.digest,
      examples: [data.learned, data.evaluated, data.easy ?? []],
    }),
  }
  const trainer = await openTrainer(plan, threads, nowMs)
  const predictions = new TrainingSession(
    {shape, loss: {zLoss: 0, distillation: undefined}, results: 'predictions'},
    threads,
  )
  return {
    out,
    threads,
    plan,
    trainer,
    predictions,
    teacher,
    drawing: distillation?.targets === 'on-policy' ? distillation.sampling : undefined,
    data,
    epochRows,
    batchOptions: {
      isEncoderDecoder: shape.encoderLayers > 0,
      rows: config.batchSize,
      beginToken: tokens.begin,
      padToken: tokens.pad,
      sourceWeight: config.sourceLoss,
    },
    batchesOf: stepBatches(config, data),
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

function stepBatches(config: TrainConfig, {learned, easy}: TrainingData): OpenTraining['batchesOf'] {
  const {batchSize, accumulate, seed, curriculum} = config
  const sequence = (tasks: readonly TaskExamples[]) =>
    batchSequence(epochExamples(tasks, rowsPerEpoch(tasks, config), seed), batchSize, seed)
  const all = sequence(learned)
  const first = easy && curriculum ? curriculum.steps : 0
  const easier = easy ? sequence(easy) : all
  return (step) =>
    Array.from({length: accumulate}, (_, at) =>
      step < first ? easier(step * accumulate + at) : all((step - first) * accumulate + at),
    )
}
