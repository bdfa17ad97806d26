import {SlmError} from '../errors.ts'
import type {Metric} from '../metrics/metric.ts'
import type {BootstrapOptions} from '../stats/bootstrap.ts'
import {type MetricEstimate, metricEstimates, type SampleStatistics} from '../stats/metric-estimate.ts'
import {wilsonInterval} from '../stats/wilson-interval.ts'
import type {ScorePair} from './score-pairs.ts'

/** An estimate; a proportion of right answers has Wilson's interval too, in the metric's scale. */
export type ScoreEstimate =
  | MetricEstimate
  | (MetricEstimate & {readonly wilson: {readonly low: number; readonly high: number}})

export interface MetricStatistics {
  readonly metric: Metric
  readonly statistics: SampleStatistics
}

/** Metrics that count right answers: near 0 and 100% their bootstrap has no width. */
const PROPORTIONS = /(?:^|-)exact$|^accuracy$/

/** Each metric's estimate by its id. */
export function scoreEstimates(
  list: readonly MetricStatistics[],
  options: BootstrapOptions,
): Record<string, ScoreEstimate> {
  const estimates = metricEstimates(list, options)
  return Object.fromEntries(
    list.map(({metric, statistics}, index) => {
      const estimate = estimates[index]!
      // Wilson's interval takes samples for independent, which those of a cluster are not.
      if ('missing' in estimate || options.clusters !== undefined || !PROPORTIONS.test(metric.id))
        return [metric.id, estimate]
      const right = statistics.filter((sample) => sample?.[0] === 1).length
      const {low, high} = wilsonInterval(right, estimate.count)
      return [metric.id, {...estimate, wilson: {low: metric.scale * low, high: metric.scale * high}}]
    }),
  )
}

/** The cluster of each pair: what it has in a field of the task's data, e.g. the paragraph of a question. */
export function clustersOf(pairs: readonly ScorePair[], field: string): string[] {
  return pairs.map(({fields}) => {
    const cluster = fields?.[field]
    if (cluster !== undefined) return cluster
    const named = Object.keys(fields ?? {})
    throw new SlmError('score-cluster', `the references have no field "${field}"`, {
      hint:
        named.length === 0
          ? 'Only the task’s data have fields: give them with --data.'
          : `Fields are: ${named.join(', ')}.`,
    })
  })
}
