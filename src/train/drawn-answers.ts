import type {Example} from './batch.ts'
import {drawAnswers} from './draw-answers.ts'
import {type OpenTraining, trainingFiles} from './open-training.ts'
import type {Spent} from './spent.ts'
import type {TrainingProgress} from './state-file.ts'
import {forwardFlops} from './training-flops.ts'

type Drawn = NonNullable<TrainingProgress['drawn']>

/** The answers of one step, and what is left for later ones. */
export interface StepAnswers {
  /** By row of the step, its batches one after the other. */
  readonly answers: readonly (readonly number[])[]
  readonly drawn: Drawn
  /** What drawing cost; nothing where the answers were there. */
  readonly spent: Partial<Spent>
}

/**
 * The student's answers for the next step: those that were drawn before, or new ones for as many steps as are drawn at
 * once. They are part of the saved state, since the weights that drew them are not.
 */
export async function drawnAnswers(
  training: OpenTraining,
  drawing: NonNullable<OpenTraining['drawing']>,
  {step, drawn}: TrainingProgress,
): Promise<StepAnswers> {
  const there = drawn?.answers[step - drawn.firstStep]
  if (drawn !== undefined && there !== undefined) return {answers: there, drawn, spent: {}}
  const {config, shape, tokens} = training.plan
  const {temperature, topK, refreshEvery, maxTokens} = drawing
  const last = Math.min(step + refreshEvery, config.steps)
  const rows = Array.from({length: last - step}, (_, at) => training.batchesOf(step + at).flat())
  const perStep = config.batchSize * config.accumulate
  const questions = rows.flatMap((examples, at) =>
    examples.map(({source}, row) => ({source, seed: ((step + at) * perStep + row) % 2 ** 32})),
  )
  const answers = await drawAnswers(training.trainer.parameters, questions, {
    folder: trainingFiles(training.out).student,
    shape,
    tokens,
    temperature,
    topK,
    maxNewTokens: maxTokens ?? config.maxTargetTokens,
    threads: training.threads,
    seed: config.seed,
  })
  const left = answers.values()
  const bySteps = rows.map((examples) => examples.map(() => [...(left.next().value ?? [])]))
  return {
    answers: bySteps[0] ?? [],
    drawn: {firstStep: step, answers: bySteps},
    spent: {
      drawnTokens: answers.reduce((total, answer) => total + answer.length, 0),
      drawingFlops: answers.reduce(
        (total, answer, at) => total + answerFlops(shape, questions[at]!.source.length, answer.length),
        0,
      ),
    },
  }
}

/** The same rows with the student's answers, which are given one after the other. */
export function withAnswers(
  lists: readonly (readonly Example[])[],
  answers: readonly (readonly number[])[],
): readonly (readonly Example[])[] {
  const left = answers.values()
  return lists.map((examples) => examples.map(({source}) => ({source, target: left.next().value ?? []})))
}

/** As one pass over prompt and answer, which is what a cache of keys and values makes of it. */
function answerFlops(
  shape: OpenTraining['plan']['shape'],
  sourceLength: number,
  targetLength: number,
): number {
  const lengths =
    shape.encoderLayers > 0
      ? {sourceLength, targetLength}
      : {sourceLength: 0, targetLength: sourceLength + targetLength}
  return forwardFlops(shape, {rows: 1, ...lengths})
}
