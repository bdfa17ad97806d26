import {SlmError} from '../errors.ts'
import {type Example, toBatch} from './batch.ts'
import {drawnAnswers, withAnswers} from './drawn-answers.ts'
import type {OpenTraining} from './open-training.ts'
import {rateFactor} from './schedule.ts'
import {addSpent, type Spent} from './spent.ts'
import type {TrainingProgress} from './state-file.ts'
import type {Teacher} from './teacher.ts'
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
export async function trainStep(training: OpenTraining, before: TrainingProgress): Promise<TakenStep> {
  const {config, shape} = training.plan
  const lists = training.batchesOf(before.step)
  const {drawing} = training
  const {
    batches,
    drawn,
    spent: taught,
  } = drawing && before.step >= drawing.startStep
    ? await onPolicyBatches(training, drawing, before, lists)
    : goldBatches(training, lists)
  const {steps, optimizer} = config
  const factor = rateFactor(before.step, {...optimizer, steps})
  const step = before.step + 1
  const {loss, targetLoss, teacherLoss, gradientLength, graphMs, optimizerMs, tokens} =
    await training.trainer.step(batches, step, factor)
  if (!Number.isFinite(loss) || !Number.isFinite(gradientLength))
    throw new SlmError('train-diverged', `the loss of step ${step} is ${loss}`, {
      hint: 'Lower optimizer.learningRate, or raise warmUpSteps.',
      exit: 1,
    })
  const past = before.smoothedLoss ?? targetLoss
  const smoothedLoss = SMOOTHING * past + (1 - SMOOTHING) * targetLoss
  const flops = batches.reduce((total, {batch}) => total + trainingFlops(shape, batch.shape), 0)
  const examples = lists.reduce((total, list) => total + list.length, 0)
  const spent = addSpent(before.spent, {...taught, examples, tokens, flops})
  const progress = {...before, step, spent, smoothedLoss, drawn: stillToCome(drawn, step)}
  const losses = {loss, targetLoss, smoothedLoss, gradientLength, rateFactor: factor, teacherLoss}
  return {progress, line: {kind: 'step', step, ...losses, ...spent}, tokens, flops, graphMs, optimizerMs}
}

/** What a step learns from, and what it cost before the step itself. */
interface Lesson {
  readonly batches: readonly TaughtBatch[]
  readonly drawn?: TrainingProgress['drawn']
  readonly spent: Partial<Spent>
}

/** The data's own answers, judged by the teacher where there is one. */
function goldBatches(
  {plan, teacher, batchOptions}: OpenTraining,
  lists: readonly (readonly Example[])[],
): Lesson {
  const {vocabulary} = plan.shape
  const batches = lists.map((examples) => {
    const batch = toBatch(examples, batchOptions)
    return {batch, judge: teacher && (() => teacher.judge(examples, batch, vocabulary))}
  })
  return {batches, spent: {teacherFlops: teacherFlops(teacher, lists)}}
}

/** The data's own answers for the labels, and answers that the student drew for the teacher. */
async function onPolicyBatches(
  training: OpenTraining,
  drawing: NonNullable<OpenTraining['drawing']>,
  before: TrainingProgress,
  lists: readonly (readonly Example[])[],
): Promise<Lesson> {
  const {answers, drawn, spent} = await drawnAnswers(training, drawing, before)
  const drawnLists = withAnswers(lists, answers)
  const gold = goldBatches({...training, teacher: undefined}, lists)
  // The teacher judges answers; prompts are learned from the data's batches.
  const judged = goldBatches(
    {...training, batchOptions: {...training.batchOptions, sourceWeight: 0}},
    drawnLists,
  )
  return {
    batches: [...gold.batches, ...judged.batches.map((taught) => ({...taught, isDrawn: true}))],
    drawn,
    spent: {...judged.spent, ...spent},
  }
}

function teacherFlops(teacher: Teacher | undefined, lists: readonly (readonly Example[])[]): number {
  return lists.reduce((total, examples) => total + (teacher?.flopsFor(examples) ?? 0), 0)
}

/** Answers behind the last step that they were drawn for are not kept. */
function stillToCome(drawn: TrainingProgress['drawn'], step: number): TrainingProgress['drawn'] {
  return drawn && step < drawn.firstStep + drawn.answers.length ? drawn : undefined
}
