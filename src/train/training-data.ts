import {nearestName} from '../config/nearest-name.ts'
import type {TrainConfig} from '../config/train-config.ts'
import {SlmError} from '../errors.ts'
import type {Task} from '../tasks/task.ts'
import type {Tokenizer} from '../tokenizer/tokenizer.ts'
import {type ExampleLimits, loadTasks, readExamples, type TaskExamples} from './examples.ts'

/** All rows of a training, a list of tasks each, in the configuration's order. */
export interface TrainingData {
  readonly learned: readonly TaskExamples[]
  readonly evaluated: readonly TaskExamples[]
  /** What is learned in the curriculum's steps; tasks that it does not name stand in it with their ordinary rows. */
  readonly easy: readonly TaskExamples[] | undefined
}

/** Splits where the configuration gives some tasks their own. */
const LEARNED_SPLIT = 'train'
const EVALUATED_SPLIT = 'dev'

/** Reads every task's rows, from its own data or from what the configuration names for it. Reads the disk. */
export async function readTrainingData(
  config: TrainConfig,
  tokenizer: Tokenizer,
  endToken: number,
): Promise<TrainingData> {
  const {curriculum, evaluation} = config
  const tasks = await loadTasks(config.tasks)
  checkTaskNames(config, tasks)
  const {maxSourceTokens, maxTargetTokens} = config
  const limits = {architecture: config.network.arch, maxSourceTokens, maxTargetTokens, endToken}
  const read = (task: Task, split: string, data: string | undefined, rows: number | undefined) =>
    readExamples(tokenizer, {task, split, data}, {...limits, rows} satisfies ExampleLimits)
  const learned: TaskExamples[] = []
  const evaluated: TaskExamples[] = []
  const easy: TaskExamples[] = []
  for (const task of tasks) {
    const of = <Value>(values: Readonly<Record<string, Value>>): Value | undefined =>
      Object.hasOwn(values, task.name) ? values[task.name] : undefined
    const splitOf = (splits: TrainConfig['split'], otherwise: string): string =>
      typeof splits === 'string' ? splits : (of(splits) ?? otherwise)
    const split = splitOf(config.split, LEARNED_SPLIT)
    const ordinary = await read(task, split, of(config.data), config.limit)
    learned.push(ordinary)
    const evaluatedSplit = splitOf(evaluation.split, EVALUATED_SPLIT)
    evaluated.push(await read(task, evaluatedSplit, of(evaluation.data), evaluation.limit))
    const [easyData, easySplit] = [of(curriculum?.data ?? {}), of(curriculum?.split ?? {})]
    easy.push(
      easyData === undefined && easySplit === undefined
        ? ordinary
        : await read(task, easySplit ?? split, easyData, config.limit),
    )
  }
  return {learned, evaluated, easy: curriculum && easy}
}

/** A setting of a task that is none of the training's would do nothing, so it is refused. */
function checkTaskNames(config: TrainConfig, tasks: readonly Task[]): void {
  const {curriculum, evaluation} = config
  const settings: Readonly<Record<string, object | undefined>> = {
    split: asObject(config.split),
    data: config.data,
    repeat: config.repeat,
    mix: config.mix,
    'evaluation.split': asObject(evaluation.split),
    'evaluation.data': evaluation.data,
    'curriculum.data': curriculum?.data,
    'curriculum.split': curriculum?.split,
  }
  const known = tasks.map(({name}) => name)
  for (const [setting, values] of Object.entries(settings))
    for (const name of Object.keys(values ?? {}))
      if (!known.includes(name)) {
        const meant = nearestName(name, known)
        throw new SlmError('config-invalid', `${setting} names ${name}, which is not among the tasks`, {
          hint: meant === undefined ? `The tasks are named ${known.join(', ')}.` : `Did you mean ${meant}?`,
        })
      }
}

function asObject(value: string | object): object | undefined {
  return typeof value === 'string' ? undefined : value
}
