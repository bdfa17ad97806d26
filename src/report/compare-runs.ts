import type {Architecture} from '../engine/language-model.ts'
import {SlmError} from '../errors.ts'
import {metricById} from '../metrics/catalogue.ts'
import {mixedCells} from './comparable.ts'
import type {Comparison} from './comparison.ts'
import {duels} from './duels.ts'
import {chooseJudge} from './judge-choice.ts'
import {notesOf} from './notes.ts'
import {PUBLISHED_TASKS, readPublishedScores} from './published.ts'
import {readPublishedBaselines} from './published-baselines.ts'
import {RL_METRIC} from './read-runs.ts'
import {type Reading, shortName} from './reading.ts'
import {type FailedModel, measuredRows} from './rows.ts'
import {scoreTables} from './score-tables.ts'
import {taskDetails} from './shortcut-detail.ts'
import {shortcutNotes} from './shortcut-notes.ts'
import {readShortcuts} from './shortcut-readings.ts'
import {withShortcutRows} from './shortcut-rows.ts'
import {shortcutVerdicts} from './shortcut-verdicts.ts'

export interface CompareOptions {
  /** Columns, in this order; all tasks of the runs when absent. */
  readonly tasks?: readonly string[]
  /** Keeps models of these architectures alone. */
  readonly archs?: readonly Architecture[]
  /** Keeps models of these names alone. */
  readonly models?: readonly string[]
  readonly hasPublished?: boolean
  /** Prints cells of other conditions with a mark instead of refusing them. */
  readonly isMixingAllowed?: boolean
  /** Models that were to run and could not. */
  readonly failed?: readonly FailedModel[]
}

/** The whole comparison from the records of runs. Equal records give an equal value, whatever the order of the runs. */
export async function compareRuns(
  read: readonly Reading[],
  options: CompareOptions = {},
): Promise<Comparison> {
  const {failed = [], isMixingAllowed = false} = options
  const readings = chosen(read, options)
  if (readings.length === 0 && failed.length === 0)
    throw new SlmError(
      'nothing-to-compare',
      `none of ${read.length} task runs is of the models, tasks and architectures asked for`,
      {
        hint: foundText(read),
      },
    )
  const tasks = options.tasks ?? tasksOf(readings)
  const rows = measuredRows(readings, failed)
  const mixed = mixedCells(rows, tasks, isMixingAllowed)
  const published = options.hasPublished ? readPublishedScores() : undefined
  const judge = chooseJudge(readings)
  const tables = scoreTables(rows, tasks, mixed, published, judge)
  const found = duels(rows, tasks)
  const metric = await metricById(RL_METRIC)
  const shortcuts = await readShortcuts(readings, tasks)
  const baselines = options.hasPublished ? readPublishedBaselines() : undefined
  return {
    tables: withShortcutRows(tables, shortcuts),
    duels: found,
    shortcuts: {
      details: taskDetails(rows, shortcuts, baselines),
      verdicts: shortcutVerdicts(rows, shortcuts),
    },
    notes: [
      ...notesOf({tables, duels: found, rows, tasks, mixed, metric, published, judge}),
      ...shortcutNotes(shortcuts, baselines),
    ],
  }
}

function chosen(readings: readonly Reading[], {tasks, archs, models}: CompareOptions): Reading[] {
  const names = models?.map(shortName)
  return readings.filter(
    ({task, model}) =>
      (tasks?.includes(task) ?? true) &&
      (names?.includes(model.name) ?? true) &&
      (archs === undefined || model.architecture === 'not stated' || archs.includes(model.architecture)),
  )
}

function foundText(readings: readonly Reading[]): string {
  const found = readings.map(({task, model}) => `${task} of ${model.name} (${model.architecture})`)
  return found.length === 0 ? 'Name run folders of slm eval.' : `There are: ${found.sort().join(', ')}.`
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
