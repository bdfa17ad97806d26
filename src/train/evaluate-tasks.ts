import type {BatchOptions} from './batch.ts'
import {type Evaluation, evaluateWeights} from './evaluate-weights.ts'
import type {TaskExamples} from './examples.ts'
import type {Parameter} from './initial-weights.ts'
import type {TrainingSession} from './training-session.ts'

/** Every task weighs the same in loss and exact, however many rows it has; count is their sum. */
export interface TaskEvaluations extends Evaluation {
  /** By the task's name, in the order of the tasks. */
  readonly tasks: Readonly<Record<string, Evaluation>>
}

/** Teacher-forced evaluation of each task. `graphs` gives predictions. */
export async function evaluateTasks(
  tasks: readonly TaskExamples[],
  parameters: readonly Parameter[],
  graphs: TrainingSession,
  options: BatchOptions,
): Promise<TaskEvaluations> {
  const found: [string, Evaluation][] = []
  for (const {task, examples} of tasks)
    found.push([task, await evaluateWeights(examples, parameters, graphs, options)])
  const mean = (part: (evaluation: Evaluation) => number): number =>
    found.reduce((total, [, evaluation]) => total + part(evaluation), 0) / found.length
  return {
    loss: mean(({loss}) => loss),
    exact: mean(({exact}) => exact),
    count: found.reduce((total, [, {count}]) => total + count, 0),
    tasks: Object.fromEntries(found),
  }
}
