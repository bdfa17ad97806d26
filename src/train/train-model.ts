import type {TrainConfig} from '../config/train-config.ts'
import {SlmError} from '../errors.ts'
import {writeAtomically} from '../store/atomic-file.ts'
import {claimRunFolder} from '../store/run-lock.ts'
import {toBatch} from './batch.ts'
import {evaluateWeights} from './evaluate-weights.ts'
import {exportCheckpoint} from './export-checkpoint.ts'
import {lossCurve} from './loss-curve.ts'
import {type OpenTraining, openTraining, trainingFiles} from './open-training.ts'
import {rateFactor} from './schedule.ts'
import {readState, type TrainingProgress, writeState} from './state-file.ts'
import type {TaughtBatch} from './trainer.ts'
import type {OnTrainingEvent} from './training-events.ts'
import {trainingFlops} from './training-flops.ts'
import {openTrainingLog, type TrainingLog} from './training-log.ts'

export interface TrainModelOptions {
  readonly out: string
  readonly threads: number
  /** Milliseconds from any fixed point. */
  readonly nowMs: () => number
  readonly onEvent: OnTrainingEvent
  /** Aborted: the step is finished and saved. */
  readonly signal?: AbortSignal | undefined
}

export interface TrainingResult {
  readonly parameters: number
  readonly steps: number
  readonly tokens: number
  /** The exported step and its evaluation. */
  readonly best: {
    readonly step: number
    readonly loss: number
    readonly exact: number
    readonly count: number
  }
  readonly files: readonly string[]
}

/** Weight of the past in the smoothed loss. */
const SMOOTHING = 0.98

/**
 * Trains, evaluates and exports. Goes on from the last saved state of the same plan in the folder; what comes out is
 * byte-equal however often it was stopped, timing in the log aside.
 * Errors: `train-plan-changed`, `train-state-broken`, `train-diverged`, `interrupted` (exit 130).
 */
export async function trainModel(config: TrainConfig, options: TrainModelOptions): Promise<TrainingResult> {
  const files = trainingFiles(options.out)
  const release = await claimRunFolder(files.folder)
  try {
    const training = await openTraining(config, options.threads, options.nowMs)
    try {
      const progress = await resume(training, files.state, options)
      const log = await openTrainingLog(files.log, progress.step)
      const last = await runSteps(training, progress, log, options)
      return await finish(training, last, log, options)
    } finally {
      await training.close()
    }
  } finally {
    await release()
  }
}

async function resume(
  {plan, trainer, examples, evaluated}: OpenTraining,
  stateFile: string,
  {onEvent}: TrainModelOptions,
): Promise<TrainingProgress> {
  const saved = await readState(stateFile, plan.digest, trainer.state)
  const progress = saved ?? {plan: plan.digest, step: 0, tokens: 0}
  onEvent({
    kind: 'opened',
    parameters: plan.parameters,
    examples: examples.examples.length,
    evaluated: evaluated.length,
    tooLong: examples.tooLong,
    bad: examples.bad,
    step: progress.step,
    steps: plan.config.steps,
  })
  return progress
}

async function runSteps(
  training: OpenTraining,
  begin: TrainingProgress,
  log: TrainingLog,
  options: TrainModelOptions,
): Promise<TrainingProgress> {
  const {config} = training.plan
  const {state} = trainingFiles(options.out)
  let progress = begin
  while (progress.step < config.steps) {
    progress = await oneStep(training, progress, log, options)
    const isLast = progress.step === config.steps
    if (isLast || progress.step % config.evaluation.everySteps === 0)
      progress = await evaluate(training, progress, log, options)
    const isStopped = options.signal?.aborted === true
    if (isLast || isStopped || progress.step % config.saveEvery === 0)
      await writeState(state, progress, training.trainer.state)
    if (isStopped && !isLast)
      throw new SlmError('interrupted', `stopped after ${progress.step} of ${config.steps} steps`, {
        exit: 130,
      })
  }
  return progress
}

async function oneStep(
  {plan, trainer, teacher, batchOptions, batchesOf}: OpenTraining,
  before: TrainingProgress,
  log: TrainingLog,
  {nowMs, onEvent}: TrainModelOptions,
): Promise<TrainingProgress> {
  const {config, shape} = plan
  const start = nowMs()
  const batches: TaughtBatch[] = []
  for (const examples of batchesOf(before.step)) {
    const batch = toBatch(examples, batchOptions)
    batches.push({batch, teacherLogits: await teacher?.logitsFor(examples, batch, shape.vocabulary)})
  }
  const {steps, optimizer} = config
  const factor = rateFactor(before.step, {...optimizer, steps})
  const step = before.step + 1
  const {loss, targetLoss, gradientLength, graphMs, optimizerMs, ...result} = await trainer.step(
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
  const tokens = before.tokens + result.tokens
  const ms = nowMs() - start
  const flops = batches.reduce((total, {batch}) => total + trainingFlops(shape, batch.shape), 0)
  if (step % config.logEvery === 0 || step === 1 || step === steps) {
    const timing = {
      tokensPerSecond: (1000 * result.tokens) / ms,
      gflops: flops / graphMs / 1e6,
      optimizerShare: optimizerMs / (graphMs + optimizerMs),
    }
    log.append({
      kind: 'step',
      step,
      loss,
      targetLoss,
      smoothedLoss,
      gradientLength,
      rateFactor: factor,
      tokens,
      timing,
    })
  }
  onEvent({kind: 'step', step, smoothedLoss, tokens: result.tokens, flops, ms})
  return {...before, step, tokens, smoothedLoss}
}

/** Evaluates the weights and keeps them where they are the best so far. */
async function evaluate(
  {plan, trainer, predictions, evaluated, batchOptions}: OpenTraining,
  progress: TrainingProgress,
  log: TrainingLog,
  {out, onEvent}: TrainModelOptions,
): Promise<TrainingProgress> {
  const {step} = progress
  const found = await evaluateWeights(evaluated, trainer.parameters, predictions, batchOptions)
  const value = plan.config.evaluation.best === 'loss' ? -found.loss : found.exact
  const isBest = progress.best === undefined || value > progress.best.value
  const line = {kind: 'evaluation', step, ...found, isBest} as const
  log.append(line)
  onEvent({kind: 'evaluated', line})
  if (!isBest) return progress
  const kept = {...progress, best: {step, value}}
  await writeState(trainingFiles(out).best, kept, trainer.weights)
  return kept
}

async function finish(
  {plan, trainer}: OpenTraining,
  progress: TrainingProgress,
  log: TrainingLog,
  {out}: TrainModelOptions,
): Promise<TrainingResult> {
  const files = trainingFiles(out)
  const best = await readState(files.best, plan.digest, trainer.weights)
  const evaluation = log.lines.findLast((line) => line.kind === 'evaluation' && line.step === best?.step)
  if (best === undefined || evaluation?.kind !== 'evaluation')
    throw new SlmError(
      'train-state-broken',
      `${files.folder} has lost its best weights or their evaluation`,
      {
        hint: 'Remove the folder and train again.',
      },
    )
  const exported = exportCheckpoint(out, plan, trainer.parameters, {step: best.step, tokens: best.tokens})
  await writeAtomically(
    files.curve,
    lossCurve(log.lines, `${plan.config.tasks.join(', ')}: ${plan.config.network.arch}`),
  )
  const {loss, exact, count, step} = evaluation
  return {
    parameters: plan.parameters,
    steps: progress.step,
    tokens: progress.tokens,
    best: {step, loss, exact, count},
    files: exported,
  }
}
