import {metricEstimates} from '../stats/metric-estimate.ts'
import {type Cell, missing} from './cell.ts'
import type {DetailGroup, TaskDetail} from './comparison.ts'
import {PLACE_HEADINGS} from './place.ts'
import type {PublishedBaselines} from './published-baselines.ts'
import {RL_METRIC} from './read-runs.ts'
import type {MeasuredRow} from './rows.ts'
import type {TaskShortcuts} from './shortcut-readings.ts'
import {termDifferences} from './terms.ts'

type Statistics = ReadonlyMap<string, ReadonlyMap<string, readonly number[]>>

/** Each task's metrics beside RL, which stands in the tables: of the models, of the shortcuts, and as others published them. */
export function taskDetails(
  rows: readonly MeasuredRow[],
  shortcuts: readonly TaskShortcuts[],
  published: PublishedBaselines | undefined,
): TaskDetail[] {
  return shortcuts.flatMap((shortcut): TaskDetail[] => {
    const {task, reading} = shortcut
    const isThere = (id: string): boolean =>
      rows.some(({readings}) => (readings.get(task)?.statistics.get(id)?.size ?? 0) > 0) ||
      published?.tasks.includes(task) === true
    const metrics = shortcut.metrics.filter(({id}) => id !== RL_METRIC && isThere(id))
    if (metrics.length === 0) return []
    const cellsOf = (statistics: Statistics, whyNone: (id: string) => string): Cell[] => {
      const list = metrics.map((metric) => ({
        metric,
        statistics: [...(statistics.get(metric.id)?.values() ?? [])],
      }))
      return metricEstimates(list, {seed: reading.seed}).map((estimate, place) => {
        if (!('missing' in estimate)) return {kind: 'estimate', estimate}
        return missing('no scores', whyNone(metrics[place]!.id))
      })
    }
    const models = rows.flatMap(({name: rowName, readings}): DetailGroup['rows'] => {
      const own = readings.get(task)
      if (own === undefined) return []
      const {unfinished, statistics} = own
      // A star, as in the tables: other conditions than those of the column.
      const name = termDifferences(own.terms, reading.terms).length > 0 ? `${rowName}*` : rowName
      if (unfinished !== undefined)
        return [{name, source: 'measured', cells: metrics.map(() => missing('unfinished', unfinished))}]
      const whyNone = (id: string): string =>
        statistics.has(id) ? `no sample counts for ${id}` : `it was run without the metric ${id}`
      return [{name, source: 'measured', cells: cellsOf(statistics, whyNone)}]
    })
    const policies = shortcut.policies.map(({title, scores}): DetailGroup['rows'][number] => ({
      name: title,
      source: 'policy',
      cells:
        scores.kind === 'missing'
          ? metrics.map(() => missing('not computed', scores.why))
          : cellsOf(scores.metrics, (id) => `no row counts for ${id}`),
    }))
    const theirs = published?.rowsOf(
      task,
      metrics.map(({id}) => id),
    )
    const groups: DetailGroup[] = [
      {heading: '', rows: models},
      {heading: PLACE_HEADINGS.shortcut, rows: policies},
      {heading: 'As published', rows: theirs ?? []},
    ]
    return [
      {
        task,
        metrics: metrics.map(({id, scale}) => ({id, scale})),
        groups: groups.filter((group) => group.rows.length > 0),
      },
    ]
  })
}
