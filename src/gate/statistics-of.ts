import {METRIC_IDS, metricById} from '../metrics/catalogue.ts'
import {isMean} from '../metrics/mean-metric.ts'
import type {Metric} from '../metrics/metric.ts'
import type {ScoreRecord} from '../store/record-line.ts'
import {NOT_COUNTED, type Statistic, type TaskPart} from './side.ts'

export type ScoredLine = Extract<ScoreRecord, {readonly status: 'scored'}>

/** What each of a task's metrics sums over samples, from a record. */
export type StatisticsOf = (record: ScoredLine) => readonly Statistic[]

/** Metrics by id that this version has. */
export type KnownMetrics = ReadonlyMap<string, Metric>

export async function knownMetrics(parts: readonly TaskPart[]): Promise<KnownMetrics> {
  const ids = [...new Set(parts.flatMap(({metrics}) => metrics.map(({id}) => id)))]
  const known = ids.filter((id) => METRIC_IDS.includes(id))
  return new Map(await Promise.all(known.map(async (id) => [id, await metricById(id)] as const)))
}

/**
 * Statistics of a record of this task. A mean's are its score, which the record holds unrounded; only a corpus metric is
 * computed anew from answer and references, because its value is no mean of sentence scores.
 */
export function statisticsOf(part: TaskPart, metrics: KnownMetrics): StatisticsOf {
  const readers = part.metrics.map(({id}): ((record: ScoredLine) => Statistic) => {
    const metric = metrics.get(id)
    const scoreOf = ({scores}: ScoredLine): number | undefined =>
      Object.hasOwn(scores, id) ? scores[id] : undefined
    if (metric !== undefined && !isMean(metric))
      return (record) =>
        scoreOf(record) === undefined
          ? NOT_COUNTED
          : (metric.statistics(record.answer, record.references, record.kind) ?? NOT_COUNTED)
    const scale = metric?.scale ?? 1
    return (record) => {
      const score = scoreOf(record)
      return score === undefined ? NOT_COUNTED : score / scale
    }
  })
  return (record) => readers.map((read) => read(record))
}
