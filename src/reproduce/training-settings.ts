import type {ReproduceConfig} from '../config/reproduce-config.ts'
import type {Cell} from './cells.ts'
import {reproducePaths} from './reproduce-paths.ts'

/** The keys of `slm model train --config` for one checkpoint: what decides the weights, and what only says where things lie. */
export interface TrainingSettings {
  readonly decisive: Readonly<Record<string, unknown>>
  readonly placed: Readonly<Record<string, unknown>>
}

/** Who is trained: the teacher, or a cell with a seed. */
export type Trained =
  | {readonly kind: 'teacher'}
  | {readonly kind: 'cell'; readonly cell: Cell; readonly seed: number}

/** The teacher is one for all seeds, and has this one. */
export const TEACHER_SEED = 1

/** Settings for `slm model train`: those that all share, those of the network, and those of its place in the plan. */
export function trainingSettings(config: ReproduceConfig, trained: Trained): TrainingSettings {
  const {teacher, distillation, tasks, training, curriculumSteps} = config
  const paths = reproducePaths(config.out)
  const {network, training: own} = trained.kind === 'teacher' ? teacher : trained.cell.model
  const isTaught = trained.kind === 'cell' && trained.cell.method === 'kd'
  const easy = easyFiles(config)
  const hasCurriculum = curriculumSteps > 0 && easy !== undefined
  const decisive = {
    tasks,
    network,
    ...training,
    ...own,
    ...(isTaught ? {distillation: {...distillation}} : {}),
    ...(hasCurriculum ? {curriculum: {steps: curriculumSteps}} : {}),
    ...(trained.kind === 'teacher' ? {isTeacher: true} : {}),
    seed: trained.kind === 'teacher' ? TEACHER_SEED : trained.seed,
  }
  return {
    decisive,
    placed: {
      data: trainFiles(config),
      ...(hasCurriculum ? {curriculum: {steps: curriculumSteps, data: easy}} : {}),
      tokenizer: paths.tokenizer,
      ...(isTaught ? {distillation: {teacher: paths.teacher, ...distillation}} : {}),
      evaluation: {
        ...asObject(training['evaluation']),
        ...asObject(own?.['evaluation']),
        data: namedFiles(config.data, 'valid'),
      },
      threads: threadsOf(config),
      out: trained.kind === 'teacher' ? paths.teacher : paths.cell(trained.seed, trained.cell.name),
    },
  }
}

/** Threads of each of the steps that run at once. */
export function threadsOf({threads = 1, jobs}: ReproduceConfig): number {
  return Math.max(1, Math.floor(threads / jobs))
}

/** Rows to learn from by task, where they are not the task's own. */
function trainFiles({data, make, out}: ReproduceConfig): Readonly<Record<string, string>> {
  const made = Object.keys(make).map((task) => [task, reproducePaths(out).made(task, 'train')])
  return {...namedFiles(data, 'train'), ...Object.fromEntries(made)}
}

/** Rows for the first steps by task; undefined where no task has easy ones. */
function easyFiles({data, make, out}: ReproduceConfig): Readonly<Record<string, string>> | undefined {
  const made = Object.entries(make).filter(([, {easy}]) => easy !== undefined)
  const paths = made.map(([task]) => [task, reproducePaths(out).made(task, 'easy')])
  const easy = {...namedFiles(data, 'easy'), ...Object.fromEntries(paths)}
  return Object.keys(easy).length === 0 ? undefined : easy
}

/** One part of the data by task, where files were named for it. */
export function namedFiles(
  data: ReproduceConfig['data'],
  part: 'train' | 'valid' | 'test' | 'easy',
): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(data).flatMap(([task, files]) => {
      const file = files[part]
      return file === undefined ? [] : [[task, file]]
    }),
  )
}

/** Settings that were checked to be an object, or absent. */
function asObject(value: unknown): object {
  return typeof value === 'object' && value !== null ? value : {}
}
