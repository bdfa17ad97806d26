import {SlmError} from '../errors.ts'
import type {Metric} from '../metrics/metric.ts'
import {samplesOf} from './read-samples.ts'
import {type AnswersTo, type ShortcutRows, shortcutAnswers} from './shortcut-answers.ts'
import {type Shortcut, shortcutTitle} from './shortcut-schema.ts'
import type {Task, TaskRow} from './task.ts'

/** Row id to a metric's statistics, without the rows that do not count for it. */
export type StatisticsById = ReadonlyMap<string, readonly number[]>

/** What a policy scores: computed by the program from the task's rows alone; no model has a part in it. */
export interface ShortcutScores {
  readonly title: string
  /** True for another right answer: not to be beaten but to be reached. */
  readonly isCeiling: boolean
  /** By metric id, or why there is nothing. */
  readonly scores:
    | {readonly kind: 'scored'; readonly metrics: ReadonlyMap<string, StatisticsById>}
    | {readonly kind: 'missing'; readonly why: string}
}

/** The scores of the task's policies, in the order of its YAML. Equal rows give equal values: nothing is drawn. */
export async function shortcutScores(
  task: Task,
  rows: ShortcutRows,
  metrics: readonly Metric[],
): Promise<ShortcutScores[]> {
  if (task.shortcuts.length === 0) return []
  const read: TaskRow[] = []
  for await (const result of samplesOf(task, rows.located, rows.limit))
    if (result.kind === 'row') read.push(result.row)
  const all: ShortcutScores[] = []
  for (const shortcut of task.shortcuts)
    all.push({
      title: shortcutTitle(shortcut),
      isCeiling: shortcut.policy === 'ceiling',
      scores: await scoresOf(task, shortcut, rows, read, metrics),
    })
  return all
}

async function scoresOf(
  task: Task,
  shortcut: Shortcut,
  rows: ShortcutRows,
  read: readonly TaskRow[],
  metrics: readonly Metric[],
): Promise<ShortcutScores['scores']> {
  try {
    const answersTo = await shortcutAnswers(task, shortcut, rows)
    const byMetric = metrics.map((metric) => [metric.id, statisticsById(metric, read, answersTo)] as const)
    return {kind: 'scored', metrics: new Map(byMetric)}
  } catch (error) {
    if (!(error instanceof SlmError)) throw error
    return {kind: 'missing', why: [error.message, error.hint].filter((part) => part !== undefined).join('. ')}
  }
}

function statisticsById(metric: Metric, rows: readonly TaskRow[], answersTo: AnswersTo): StatisticsById {
  const byId = new Map<string, readonly number[]>()
  for (const row of rows) {
    const statistics = expected(metric, answersTo(row), row)
    if (statistics !== undefined) byId.set(row.id, statistics)
  }
  return byId
}

/**
 * The mean over answers that are equally likely: what the policy scores on average, which no draw could change. Exact for
 * means of scores; of a corpus metric it is the value at average counts.
 */
function expected(metric: Metric, answers: readonly string[], row: TaskRow): readonly number[] | undefined {
  const each = answers.map((answer) => metric.statistics(answer, row.references, row.kind))
  const first = each[0]
  if (first === undefined || each.length === 1) return first
  return first.map((_, place) => each.reduce((sum, one) => sum + (one?.[place] ?? 0), 0) / each.length)
}
