import {rm} from 'node:fs/promises'
import type {TrainConfig} from '../config/train-config.ts'
import {SlmError} from '../errors.ts'
import {writeAtomically} from '../store/atomic-file.ts'
import {claimRunFolder} from '../store/run-lock.ts'
import {exportCheckpoint} from './export-checkpoint.ts'
import {lossCurve} from './loss-curve.ts'
import {type OpenTraining, openTraining, trainingFiles} from './open-training.ts'
import type {Spent} from './spent.ts'
import {firstProgress, readState, type TrainingProgress, writeState} from './state-file.ts'
import {type Clocks, TrainingClock, type TrainingTime} from './time-file.ts'
import {trainEvaluation} from './train-evaluation.ts'
import {type TakenStep, trainStep} from './train-step.ts'
import type {OnTrainingEvent} from './training-events.ts'
import {openTrainingLog, type TrainingLog, type TrainingLogLine} from './training-log.ts'

export interface TrainModelOptions extends Clocks {
  readonly out: string
  readonly threads: number
  readonly onEvent: OnTrainingEvent
  /** Aborted: the step is finished and saved. */
  readonly signal?: AbortSignal | undefined
  /** Ends in order, at a saved state, after so many steps of this call. */
  readonly stopAfterSteps?: number | undefined
  /** The same before this much time of this call is over, reading and evaluations included; at least one step is taken. */
  readonly budgetMs?: number | undefined
}

/** What one call came to: a checkpoint, or a state from which the same call goes on. */
export type TrainingResult =
  | {
      readonly status: 'complete'
      readonly parameters: number
      /** Steps taken: fewer than the configuration's when patience ended it. */
      readonly steps: number
      readonly tokens: number
      readonly spent: Spent
      readonly time: TrainingTime
      /** The exported step and its evaluation. */
      readonly best: Omit<Extract<TrainingLogLine, {kind: 'evaluation'}>, 'kind' | 'isBest'>
      readonly files: readonly string[]
    }
  | {
      readonly status: 'stopped'
      readonly why: 'steps' | 'budget'
      readonly step: number
      readonly steps: number
      readonly spent: Spent
      readonly time: TrainingTime
    }

/**
 * Trains, evaluates and exports. Goes on from the last saved state of the same plan in the folder; what comes out is
 * byte-equal however often it was stopped, times aside (`timing` in the log, time.json, README.md).
 * Errors: `train-plan-changed`, `train-state-broken`, `train-diverged`, `interrupted` (exit 130).
 */
export async function trainModel(config: TrainConfig, options: TrainModelOptions): Promise<TrainingResult> {
  const startMs = options.nowMs()
  const files = trainingFiles(options.out)
  const release = await claimRunFolder(files.folder)
  try {
    // A call that was killed while the student drew leaves its graphs behind.
    await rm(files.student, {recursive: true, force: true})
    const training = await openTraining(config, options.out, options.threads, options.nowMs)
    try {
      const progress = await resume(training, files.state, options)
      const log = await openTrainingLog(files.log, progress.step)
      const clock = await TrainingClock.open(files.time, options.threads, options)
      const {last, stopped} = await runSteps({training, log, clock, options, startMs}, progress)
      const {spent, step} = last
      if (stopped !== undefined)
        return {status: 'stopped', why: stopped, step, steps: config.steps, spent, time: clock.time}
      return await finish(training, last, log, clock.time, options)
    } finally {
      await training.close()
    }
  } finally {
    await release()
  }
}

async function resume(
  {plan, trainer, data, epochRows}: OpenTraining,
  stateFile: string,
  {onEvent}: TrainModelOptions,
): Promise<TrainingProgress> {
  const saved = await readState(stateFile, plan.digest, trainer.state)
  const progress = saved ?? firstProgress(plan.digest)
  onEvent({
    kind: 'opened',
    parameters: plan.parameters,
    tasks: data.learned.map(({task, examples, ...aside}, at) => {
      const {examples: rows, task: _task, ...evaluatedAside} = data.evaluated[at]!
      const inEpoch = epochRows[at]!
      return {task, examples: examples.length, inEpoch, aside, evaluated: rows.length, evaluatedAside}
    }),
    step: progress.step,
    steps: plan.config.steps,
  })
  return progress
}

interface Run {
  readonly training: OpenTraining
  readonly log: TrainingLog
  readonly clock: TrainingClock
  readonly options: TrainModelOptions
  readonly startMs: number
}

async function runSteps(
  run: Run,
  begin: TrainingProgress,
): Promise<{readonly last: TrainingProgress; readonly stopped?: 'steps' | 'budget'}> {
  const {training, log, clock, options} = run
  const {config} = training.plan
  const {state} = trainingFiles(options.out)
  let progress = begin
  let longestMs = 0
  while (progress.step < config.steps && !progress.isEnded) {
    const roundMs = options.nowMs()
    const before = progress
    const taken = await clock.measure('stepSeconds', () => trainStep(training, before))
    tell(run, taken, options.nowMs() - roundMs)
    progress = taken.progress
    const isLast = progress.step === config.steps
    if (isLast || progress.step % config.evaluation.everySteps === 0)
      progress = await clock.measure('evaluationSeconds', () =>
        trainEvaluation(training, taken.progress, log, options),
      )
    longestMs = Math.max(longestMs, options.nowMs() - roundMs)
    const isDone = isLast || progress.isEnded
    const stopped = isDone ? undefined : whyStop(run, progress.step - begin.step, longestMs)
    if (isDone || stopped || progress.step % config.saveEvery === 0) {
      await writeState(state, progress, training.trainer.state)
      await clock.save(progress.step)
    }
    if (stopped === 'signal')
      throw new SlmError('interrupted', `stopped after ${progress.step} of ${config.steps} steps`, {
        exit: 130,
      })
    if (stopped) return {last: progress, stopped}
  }
  return {last: progress}
}

function whyStop(
  {options, startMs}: Run,
  stepsTaken: number,
  longestMs: number,
): 'signal' | 'steps' | 'budget' | undefined {
  if (options.signal?.aborted === true) return 'signal'
  if (options.stopAfterSteps !== undefined && stepsTaken >= options.stopAfterSteps) return 'steps'
  const {budgetMs, nowMs} = options
  return budgetMs !== undefined && nowMs() - startMs + longestMs > budgetMs ? 'budget' : undefined
}

function tell({training, log, clock, options}: Run, taken: TakenStep, ms: number): void {
  const {logEvery, steps} = training.plan.config
  const {line, tokens, flops, graphMs, optimizerMs} = taken
  const {step, smoothedLoss} = line
  if (step % logEvery === 0 || step === 1 || step === steps) {
    const {stepSeconds, cpuSeconds} = clock.time
    const timing = {
      tokensPerSecond: (1000 * tokens) / ms,
      gflops: flops / graphMs / 1e6,
      optimizerShare: optimizerMs / (graphMs + optimizerMs),
      stepSeconds,
      cpuSeconds,
    }
    log.append({...line, timing})
  }
  options.onEvent({kind: 'step', step, smoothedLoss, tokens, flops, ms})
}

async function finish(
  {plan, trainer, data}: OpenTraining,
  progress: TrainingProgress,
  log: TrainingLog,
  time: TrainingTime,
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
  const {kind: _kind, isBest: _isBest, ...found} = evaluation
  const facts = {step: best.step, steps: progress.step, spent: progress.spent, evaluation: found}
  const exported = exportCheckpoint(out, plan, trainer.parameters, {...facts, data, time})
  const title = `${plan.config.tasks.join(', ')}: ${plan.config.network.arch}`
  await writeAtomically(files.curve, lossCurve(log.lines, title))
  const {parameters} = plan
  const {spent, step: steps} = progress
  return {
    status: 'complete',
    parameters,
    steps,
    tokens: spent.tokens,
    spent,
    time,
    best: found,
    files: exported,
  }
}
