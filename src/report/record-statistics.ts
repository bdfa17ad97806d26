import {METRIC_IDS, metricById} from '../metrics/catalogue.ts'
import {isMean} from '../metrics/mean-metric.ts'
import type {Metric} from '../metrics/metric.ts'
import type {Manifest} from '../store/manifest.ts'
import type {ScoredRecord} from '../store/record.ts'

/** Metric id to sample id to the sample's statistics, without samples that do not count for it. */
export type RecordStatistics = ReadonlyMap<string, ReadonlyMap<string, readonly number[]>>

/** The metrics that a comparison shows: of ROUGE rougeL alone. */
export function isShown(id: string): boolean {
  return id === 'rougeL' || !id.startsWith('rouge')
}

export interface StatisticsCounter {
  readonly count: (record: ScoredRecord) => void
  readonly of: (task: string) => RecordStatistics
}

/** Gathers what the shown metrics of a run's tasks sum, record by record; metrics that this version lacks are left out. */
export async function statisticsCounter({tasks}: Pick<Manifest, 'tasks'>): Promise<StatisticsCounter> {
  const metricsOf = new Map<string, readonly Metric[]>()
  const statisticsOf = new Map<string, Map<string, Map<string, readonly number[]>>>()
  for (const {name, metrics} of tasks) {
    const known = metrics.filter(({id}) => isShown(id) && METRIC_IDS.includes(id))
    metricsOf.set(name, await Promise.all(known.map(({id}) => metricById(id))))
    statisticsOf.set(name, new Map(known.map(({id}) => [id, new Map()])))
  }
  return {
    count: (record) => {
      for (const metric of metricsOf.get(record.task) ?? []) {
        const statistics = statisticsIn(metric, record)
        if (statistics !== undefined)
          statisticsOf.get(record.task)?.get(metric.id)?.set(record.id, statistics)
      }
    },
    of: (task) => statisticsOf.get(task) ?? new Map(),
  }
}

/** A mean's statistic is the score that the record holds; a corpus metric's are counted anew. */
function statisticsIn(
  metric: Metric,
  {scores, answer, references, kind}: ScoredRecord,
): readonly number[] | undefined {
  const score = scores[metric.id]
  if (score === undefined) return undefined
  return isMean(metric) ? [score / metric.scale] : metric.statistics(answer, references, kind)
}
