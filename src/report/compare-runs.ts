import {metricById} from '../metrics/catalogue.ts'
import {mixedCells} from './comparable.ts'
import type {Comparison} from './comparison.ts'
import {duels} from './duels.ts'
import {notesOf} from './notes.ts'
import {PUBLISHED_TASKS, readPublishedScores} from './published.ts'
import {RL_METRIC} from './read-runs.ts'
import type {Reading} from './reading.ts'
import {type FailedModel, measuredRows} from './rows.ts'
import {scoreTables} from './score-tables.ts'

export interface CompareOptions {
  /** Columns, in this order; all tasks of the runs when absent. */
  readonly tasks?: readonly string[]
  readonly hasPublished?: boolean
  /** Prints cells of other conditions with a mark instead of refusing them. */
  readonly isMixingAllowed?: boolean
  /** Models that were to run and could not. */
  readonly failed?: readonly FailedModel[]
}

/** The whole comparison from the records of runs. Equal records give an equal value, whatever the order of the runs. */
export async function compareRuns(
  readings: readonly Reading[],
  options: CompareOptions = {},
): Promise<Comparison> {
  const {failed = [], isMixingAllowed = false} = options
  const tasks = options.tasks ?? tasksOf(readings)
  const rows = measuredRows(
    readings.filter(({task}) => tasks.includes(task)),
    failed,
  )
  const mixed = mixedCells(rows, tasks, isMixingAllowed)
  const published = options.hasPublished ? readPublishedScores() : undefined
  const tables = scoreTables(rows, tasks, mixed, published)
  const found = duels(rows, tasks)
  const metric = await metricById(RL_METRIC)
  return {
    tables,
    duels: found,
    notes: notesOf({tables, duels: found, rows, tasks, mixed, metric, published}),
  }
}

/** The paper's order, then the miniatures, then others by name. */
function tasksOf(readings: readonly Reading[]): string[] {
  const known = [...PUBLISHED_TASKS, ...PUBLISHED_TASKS.map((task) => `${task}-mini`)]
  const present = [...new Set(readings.map(({task}) => task))].sort()
  return [
    ...known.filter((task) => present.includes(task)),
    ...present.filter((task) => !known.includes(task)),
  ]
}
