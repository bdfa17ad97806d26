import {SlmError} from '../errors.ts'
import {toBatch} from './batch.ts'
import type {OpenTraining} from './open-training.ts'
import {rateFactor} from './schedule.ts'
import {addSpent} from './spent.ts'
import type {TrainingProgress} from './state-file.ts'
import type {TaughtBatch} from './trainer.ts'
import {trainingFlops} from './training-flops.ts'
import type {TrainingLogLine} from './training-log.ts'

type StepLine = Extract<TrainingLogLine, {kind: 'step'}>

/** A step that was taken; its line lacks only the times that are taken outside. */
export interface TakenStep {
  readonly progress: TrainingProgress
  readonly line: Omit<StepLine, 'timing'>
  readonly tokens: number
  readonly flops: number
  readonly graphMs: number
  readonly optimizerMs: number
}

/** Weight of the past in the smoothed loss. */
const SMOOTHING = 0.98

/** Moves the weights once. Errors: `train-diverged`. */
export async function trainStep(
  {plan, trainer, teacher, batchOptions, batchesOf}: OpenTraining,
  before: TrainingProgress,
): Promise<TakenStep> {
  const {config, shape} = plan
  const lists = batchesOf(before.step)
  const batches: TaughtBatch[] = []
  for (const examples of lists) {
    const batch = toBatch(examples, batchOptions)
    batches.push({batch, teacherLogits: await teacher?.logitsFor(examples, batch, shape.vocabulary)})
  }
  const {steps, optimizer} = config
  const factor = rateFactor(before.step, {...optimizer, steps})
  const step = before.step + 1
  const {loss, targetLoss, gradientLength, graphMs, optimizerMs, tokens} = await trainer.step(
    batches,
    step,
    factor,
  )
  if (!Number.isFinite(loss) || !Number.isFinite(gradientLength))
    throw new SlmError('train-diverged', `the loss of step ${step} is ${loss}`, {
      hint: 'Lower optimizer.learningRate, or raise warmUpSteps.',
      exit: 1,
    })
  const past = before.smoothedLoss ?? targetLoss
  const smoothedLoss = SMOOTHING * past + (1 - SMOOTHING) * targetLoss
  const flops = batches.reduce((total, {batch}) => total + trainingFlops(shape, batch.shape), 0)
  const examples = lists.reduce((total, list) => total + list.length, 0)
  const spent = addSpent(before.spent, {examples, tokens, flops})
  const progress = {...before, step, spent, smoothedLoss}
  const losses = {loss, targetLoss, smoothedLoss, gradientLength, rateFactor: factor}
  return {progress, line: {kind: 'step', step, ...losses, ...spent}, tokens, flops, graphMs, optimizerMs}
}
