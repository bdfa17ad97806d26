import {evaluateTasks} from './evaluate-tasks.ts'
import {type OpenTraining, trainingFiles} from './open-training.ts'
import {type TrainingProgress, writeState} from './state-file.ts'
import type {OnTrainingEvent} from './training-events.ts'
import type {TrainingLog} from './training-log.ts'

/** Evaluates the weights, keeps them where they are the best so far, and says whether it is time to end. */
export async function trainEvaluation(
  {plan, trainer, predictions, data, batchOptions}: OpenTraining,
  progress: TrainingProgress,
  log: TrainingLog,
  {out, onEvent}: {readonly out: string; readonly onEvent: OnTrainingEvent},
): Promise<TrainingProgress> {
  const {step} = progress
  const {evaluation, steps} = plan.config
  const found = await evaluateTasks(data.evaluated, trainer.parameters, predictions, batchOptions)
  const value = evaluation.best === 'loss' ? -found.loss : found.exact
  const isBest = progress.best === undefined || value > progress.best.value
  const line = {kind: 'evaluation', step, ...found, isBest} as const
  log.append(line)
  onEvent({kind: 'evaluated', line})
  if (isBest) {
    const kept = {...progress, best: {step, value}, evaluationsWithoutGain: 0}
    await writeState(trainingFiles(out).best, {...kept, drawn: undefined}, trainer.weights)
    return kept
  }
  const evaluationsWithoutGain = progress.evaluationsWithoutGain + 1
  const {patience} = evaluation
  if (patience === undefined || evaluationsWithoutGain < patience || step === steps)
    return {...progress, evaluationsWithoutGain}
  const bestStep = progress.best?.step ?? step
  const end = {kind: 'ended', step, why: 'patience', evaluationsWithoutGain, bestStep} as const
  log.append(end)
  onEvent({kind: 'ended', line: end})
  return {...progress, evaluationsWithoutGain, isEnded: true}
}
