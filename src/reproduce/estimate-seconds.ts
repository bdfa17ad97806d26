import {type TrainConfig, trainConfigSchema} from '../config/train-config.ts'
import type {Step} from './step.ts'
import type {StepState} from './step-states.ts'

/** Seconds of one step of the optimizer for a training of this configuration; the teacher's reading is not in it. */
export type StepSeconds = (config: TrainConfig) => number

/** Seconds of steps that nothing is known of yet: a guess, said to be one. */
const GUESSED: Readonly<Record<Step['kind'], number>> = {
  data: 10,
  tokenizer: 60,
  teacher: 0,
  training: 0,
  weights: 10,
  evaluation: 240,
}
/** Reading the data and opening graphs, before the first step. */
const OPENING_SECONDS = 20
/** Parts of a step that its forward pass takes. */
const FORWARD = 1 / 3
/** Optimizer steps from which a begun training says itself how fast it is. */
const TELLING_STEPS = 50

export interface StepEstimate {
  readonly id: string
  /** Seconds still to come. */
  readonly seconds: number
  /** `measured`: from what is done; `probe`: from a few steps of training; `guess`: from nothing. */
  readonly from: 'measured' | 'probe' | 'guess'
}

/** Seconds that each step still takes, in the order of the states. `trained`: steps of the optimizer that begun trainings have. */
export function estimateSeconds(
  states: readonly StepState[],
  stepSeconds: StepSeconds,
  trained: ReadonlyMap<string, number>,
): readonly StepEstimate[] {
  const teacher = states.find(({step}) => step.kind === 'teacher')?.step
  return states.map(({step, state, seconds: spent}): StepEstimate => {
    const {id} = step
    if (state === 'done') return {id, seconds: 0, from: 'measured'}
    const config = isTraining(step) ? trainConfigSchema.parse(step.training?.config) : undefined
    const done = trained.get(id) ?? 0
    const left = config === undefined ? 1 : 1 - done / config.steps
    const alike = states.filter((other) => other.state === 'done' && isAlike(other.step, step))
    if (alike.length > 0) {
      const seconds = alike.reduce((sum, other) => sum + other.seconds, 0) / alike.length
      return {id, seconds: left * seconds, from: 'measured'}
    }
    if (config === undefined) return {id, seconds: GUESSED[step.kind], from: 'guess'}
    if (done >= TELLING_STEPS) return {id, seconds: (left * spent) / (1 - left), from: 'measured'}
    return {
      id,
      seconds: OPENING_SECONDS + left * trainingSeconds(config, teacher, stepSeconds),
      from: 'probe',
    }
  })
}

/** The same cell with another seed, or any other step of the kind where cells do not matter. */
function isAlike(done: Step, step: Step): boolean {
  if (done.kind !== step.kind) return false
  return step.kind === 'evaluation' || step.kind === 'weights' || done.training?.cell === step.training?.cell
}

function isTraining({kind}: Step): boolean {
  return kind === 'teacher' || kind === 'training'
}

/** A whole training: its steps, what the teacher reads for them, and the evaluations on the way. */
function trainingSeconds(config: TrainConfig, teacher: Step | undefined, stepSeconds: StepSeconds): number {
  const {steps, batchSize, accumulate, evaluation, tasks, distillation} = config
  const seconds = stepSeconds(config)
  const evaluations = Math.ceil(steps / evaluation.everySteps)
  const batches = (tasks.length * evaluation.limit) / batchSize
  const evaluated = (evaluations * batches * FORWARD * seconds) / accumulate
  const isTaught = distillation !== undefined && teacher !== undefined
  const reading = isTaught ? FORWARD * stepSeconds(trainConfigSchema.parse(teacher.training?.config)) : 0
  return steps * (seconds + reading) + evaluated
}
