import {trainConfigSchema} from '../config/train-config.ts'
import {shapeFor} from '../train/plan-training.ts'
import {trainingFlops} from '../train/training-flops.ts'
import type {Step} from './step.ts'
import type {StepState} from './step-states.ts'

/** What a training's time is estimated from. */
export interface Speed {
  /** Floating-point operations of matrix products in a second of training. */
  readonly flopsPerSecond: number
  /** Mean tokens of a prompt and of an answer over what is learned. */
  readonly sourceTokens: number
  readonly targetTokens: number
  /** Tokens of the tokenizer. */
  readonly vocabulary: number
}

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

export interface StepEstimate {
  readonly id: string
  /** Seconds still to come. */
  readonly seconds: number
  /** `measured`: from steps of the same kind that are done; `speed`: from the speed of training; `guess`: from nothing. */
  readonly from: 'measured' | 'speed' | 'guess'
}

/** Seconds that each step still takes, in the order of the states. `doneSteps`: steps of the optimizer that a begun training has. */
export function estimateSeconds(
  states: readonly StepState[],
  speed: Speed,
  doneSteps: ReadonlyMap<string, number>,
): readonly StepEstimate[] {
  const flops = new Map(states.map(({step}) => [step.id, flopsOf(step, speed, states)]))
  return states.map(({step, state}): StepEstimate => {
    if (state === 'done') return {id: step.id, seconds: 0, from: 'measured'}
    const steps = stepsOf(step)
    const left = steps === undefined ? 1 : 1 - (doneSteps.get(step.id) ?? 0) / steps
    const alike = states.filter((other) => other.state === 'done' && isAlike(other.step, step))
    if (alike.length > 0) {
      const seconds = alike.reduce((sum, other) => sum + other.seconds, 0) / alike.length
      return {id: step.id, seconds: left * seconds, from: 'measured'}
    }
    if (steps === undefined) return {id: step.id, seconds: GUESSED[step.kind], from: 'guess'}
    const seconds = OPENING_SECONDS + (left * (flops.get(step.id) ?? 0)) / speed.flopsPerSecond
    return {id: step.id, seconds, from: 'speed'}
  })
}

/** The same cell with another seed, or any other step of the kind where cells do not matter. */
function isAlike(done: Step, step: Step): boolean {
  if (done.kind !== step.kind) return false
  return step.kind === 'evaluation' || step.kind === 'weights' || done.training?.cell === step.training?.cell
}

function stepsOf(step: Step): number | undefined {
  return isTraining(step) ? trainConfigSchema.parse(step.training?.config).steps : undefined
}

function isTraining({kind}: Step): boolean {
  return kind === 'teacher' || kind === 'training'
}

/** Matrix products of a whole training: its steps, the teacher's reading, and the evaluations on the way. */
function flopsOf(step: Step, speed: Speed, states: readonly StepState[]): number {
  if (!isTraining(step)) return 0
  const config = trainConfigSchema.parse(step.training?.config)
  const shape = shapeFor(config, speed.vocabulary)
  const rows = config.batchSize
  const whole = {rows, sourceLength: speed.sourceTokens, targetLength: speed.targetTokens}
  const joined = {...whole, sourceLength: 0, targetLength: speed.sourceTokens + speed.targetTokens}
  const batch = shape.encoderLayers > 0 ? whole : joined
  const learned = config.steps * config.accumulate * trainingFlops(shape, batch)
  // A forward pass is a third of a step.
  const evaluations = Math.ceil(config.steps / config.evaluation.everySteps)
  const batches = (config.tasks.length * config.evaluation.limit) / rows
  const evaluated = (evaluations * batches * trainingFlops(shape, batch)) / 3
  const teacher = states.find(({step: other}) => other.kind === 'teacher')?.step
  if (config.distillation === undefined || teacher === undefined) return learned + evaluated
  const taught = trainConfigSchema.parse(teacher.training?.config)
  const reading = trainingFlops(shapeFor(taught, speed.vocabulary), joined) / 3
  return learned + evaluated + config.steps * config.accumulate * reading
}
