import {SlmError} from '../errors.ts'
import {metricById} from '../metrics/catalogue.ts'
import type {Metric} from '../metrics/metric.ts'
import {loadTask, taskNames} from '../tasks/load-task.ts'
import {type LocatedData, locateData, locatedDigest} from '../tasks/locate-data.ts'
import {type ShortcutScores, shortcutScores} from '../tasks/shortcut-scores.ts'
import type {Task} from '../tasks/task.ts'
import {commonReading} from './comparable.ts'
import type {Reading} from './reading.ts'
import {isShown} from './record-statistics.ts'

/** The policies of one task on the rows that the runs answered. */
export interface TaskShortcuts {
  readonly task: string
  /** Those that a comparison shows. */
  readonly metrics: readonly Metric[]
  /** In the order of the task's YAML; empty where `whyMissing` says why. */
  readonly policies: readonly ShortcutScores[]
  /** Why none could be computed; undefined where they were. */
  readonly whyMissing: string | undefined
  /** The reading whose rows and seed they share. */
  readonly reading: Reading
}

/** Computes what the tasks' shortcuts score on the very rows of the runs; reads the tasks' data. */
export async function readShortcuts(
  readings: readonly Reading[],
  tasks: readonly string[],
): Promise<TaskShortcuts[]> {
  const shipped = await taskNames()
  const all: TaskShortcuts[] = []
  for (const name of tasks) {
    const reading = commonReading(readings.filter(({task}) => task === name))
    // Of a task that is no part of the program the records do not say where its YAML is.
    if (reading === undefined || !shipped.includes(name)) continue
    const task = await loadTask(name)
    if (task.shortcuts.length > 0) all.push(await shortcutsOf(task, reading))
  }
  return all
}

async function shortcutsOf(task: Task, reading: Reading): Promise<TaskShortcuts> {
  const metrics = await Promise.all(task.metrics.filter(isShown).map(metricById))
  const common = {task: task.name, metrics, reading}
  const located = await rowsOf(task, reading)
  if (typeof located === 'string') return {...common, policies: [], whyMissing: located}
  const policies = await shortcutScores(task, {located, limit: limitOf(reading)}, metrics)
  return {...common, policies, whyMissing: undefined}
}

/** The data of the runs: the task's own, else the file that the run names, told by their digest; or why there are none. */
async function rowsOf(task: Task, {terms, dataDigest, dataSource}: Reading): Promise<LocatedData | string> {
  if (terms['task version'] !== String(task.version))
    return `the runs are of version ${terms['task version']} of the task, this is version ${task.version}`
  let why = 'the data of the runs are not the task’s own, and are not where the runs found them'
  for (const data of [undefined, dataSource])
    try {
      const located = await locateData(task, {data, split: terms['split']})
      if ((await locatedDigest(located)) === dataDigest) return located
    } catch (error) {
      if (!(error instanceof SlmError)) throw error
      if (data === undefined)
        why = [error.message, error.hint].filter((part) => part !== undefined).join('. ')
    }
  return why
}

function limitOf({terms}: Reading): number | undefined {
  const limit = /^first (\d+)$/.exec(terms['rows'] ?? '')?.[1]
  return limit === undefined ? undefined : Number(limit)
}
