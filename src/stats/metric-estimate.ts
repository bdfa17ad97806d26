import {type BootstrapOptions, bootstrapEstimates, type SumsValue} from './bootstrap.ts'
import type {Estimate} from './estimate.ts'

/** What estimates need of a metric; statistics knows no metrics. */
export interface Summed {
  readonly value: SumsValue
}

/** Statistics of each sample, in the order of the data; undefined where the sample does not count. */
export type SampleStatistics = readonly (readonly number[] | undefined)[]

/** An estimate, or why there is none: as it stands in JSON. */
export type MetricEstimate = Estimate | {readonly missing: string}

/** A metric over the samples that count for it, with its interval. */
export function metricEstimate(
  metric: Summed,
  statistics: SampleStatistics,
  options: BootstrapOptions,
): MetricEstimate {
  return metricEstimates([{metric, statistics}], options)[0]!
}

/**
 * Several metrics of the same samples. Metrics for which the same samples count share their draws; each result is what
 * `metricEstimate` gives for it alone.
 */
export function metricEstimates(
  list: readonly {readonly metric: Summed; readonly statistics: SampleStatistics}[],
  options: BootstrapOptions,
): MetricEstimate[] {
  const results = list.map((): MetricEstimate => ({missing: 'no sample counts for this metric'}))
  for (const {members, places} of groupsByCountedSamples(list.map(({statistics}) => statistics))) {
    if (members.length === 0) continue
    const measured = places.map((place) => ({
      value: list[place]!.metric.value,
      statistics: members.map((member) => list[place]!.statistics[member]!),
    }))
    const clusters = options.clusters
    const estimates = bootstrapEstimates(measured, {
      ...options,
      ...(clusters && {clusters: members.map((member) => clusters[member]!)}),
    })
    for (const [index, place] of places.entries()) results[place] = estimates[index]!
  }
  return results
}

interface Group {
  /** Indices of the samples that count. */
  readonly members: readonly number[]
  /** Which entries of the list have these members. */
  readonly places: number[]
}

function groupsByCountedSamples(list: readonly SampleStatistics[]): Iterable<Group> {
  const groups = new Map<string, Group>()
  for (const [place, statistics] of list.entries()) {
    const members = [...statistics.keys()].filter((index) => statistics[index] !== undefined)
    const key = members.join()
    const group = groups.get(key)
    if (group === undefined) groups.set(key, {members, places: [place]})
    else group.places.push(place)
  }
  return groups.values()
}
