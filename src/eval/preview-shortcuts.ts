import {metricById} from '../metrics/catalogue.ts'
import type {Metric} from '../metrics/metric.ts'
import type {LocatedData} from '../tasks/locate-data.ts'
import {type StatisticsById, shortcutScores} from '../tasks/shortcut-scores.ts'
import type {Task} from '../tasks/task.ts'

/** What a policy scores over all rows of the split: no model has a part in it. */
export interface ShortcutPreview {
  readonly title: string
  readonly isCeiling: boolean
  /** By metric, in the metric's scale; a metric for which no row counts is absent. */
  readonly scores: Readonly<Record<string, number>>
  /** Why there are no scores. */
  readonly missing?: string
}

/** Shown beside the task's primary metric: what says most of its answers, without the variants of ROUGE. */
const SHOWN = ['exact', 'shared-exact', 'bleu', 'accuracy']

/** The scores of the task's shortcuts in its main metrics. */
export async function previewShortcuts(task: Task, located: LocatedData): Promise<ShortcutPreview[]> {
  const ids = task.metrics.filter((id) => id === task.primary || SHOWN.includes(id))
  const metrics = await Promise.all(ids.map(metricById))
  const all = await shortcutScores(task, {located}, metrics)
  return all.map(({title, isCeiling, scores}) => {
    if (scores.kind === 'missing') return {title, isCeiling, scores: {}, missing: scores.why}
    const values = metrics.flatMap((metric): [string, number][] => {
      const value = valueOver(metric, scores.metrics.get(metric.id) ?? new Map())
      return value === undefined ? [] : [[metric.id, value]]
    })
    return {title, isCeiling, scores: Object.fromEntries(values)}
  })
}

function valueOver(metric: Metric, statistics: StatisticsById): number | undefined {
  const [first, ...others] = statistics.values()
  if (first === undefined) return undefined
  const sums = [...first]
  for (const other of others) for (const [place, value] of other.entries()) sums[place]! += value
  return metric.value(sums, statistics.size)
}
