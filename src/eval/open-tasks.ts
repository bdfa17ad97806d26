import type {EvalConfig} from '../config/eval-config.ts'
import {dataDigest} from '../data/file-digest.ts'
import {SlmError} from '../errors.ts'
import {metricById} from '../metrics/catalogue.ts'
import type {Metric} from '../metrics/metric.ts'
import {loadTask} from '../tasks/load-task.ts'
import {type LocatedData, locateData} from '../tasks/locate-data.ts'
import {samplesOf} from '../tasks/read-samples.ts'
import type {Task} from '../tasks/task.ts'

/** A task with its data found and its metrics opened; no model is needed for it. */
export interface OpenedTask {
  readonly task: Task
  readonly located: LocatedData
  /** The files as they were named, for people. */
  readonly source: string
  readonly digest: string
  readonly metrics: readonly Metric[]
}

/** Loads the tasks of a run and finds their data, so that a slip shows before a model is opened. */
export async function openTasks(config: EvalConfig): Promise<OpenedTask[]> {
  const opened: OpenedTask[] = []
  for (const named of config.tasks) {
    const task = await loadTask(named)
    if (opened.some((other) => other.task.name === task.name))
      throw new SlmError('task-twice', `the task ${task.name} is named twice`)
    const located = await locateData(task, {data: dataOf(config, named, task.name), split: config.split})
    // A file of another format is told by its first row.
    for await (const _ of samplesOf(task, located, 1)) break
    const metrics = await Promise.all(task.metrics.map(metricById))
    opened.push({task, located, source: sourceOf(located), digest: await dataDigest(located.files), metrics})
  }
  refuseStrayData(config, opened)
  return opened
}

function dataOf({data, tasks}: EvalConfig, named: string, name: string): string | undefined {
  if (typeof data !== 'string') return data?.[named] ?? data?.[name]
  if (tasks.length === 1) return data
  throw new SlmError(
    'data-ambiguous',
    `--data ${data} does not say for which of ${tasks.length} tasks it is`,
    {
      hint: `Write --data ${tasks[0]}=${data}.`,
    },
  )
}

function refuseStrayData({data, tasks}: EvalConfig, opened: readonly OpenedTask[]): void {
  if (typeof data !== 'object') return
  const known = [...tasks, ...opened.map(({task}) => task.name)]
  const stray = Object.keys(data).find((name) => !known.includes(name))
  if (stray !== undefined)
    throw new SlmError(
      'data-ambiguous',
      `--data names ${stray}, which is none of the tasks ${tasks.join(', ')}`,
    )
}

function sourceOf({files}: LocatedData): string {
  return (files.kind === 'pairs' ? files.files.map(({path}) => path) : files.paths).join(',')
}
