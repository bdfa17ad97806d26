import {
  type BootstrapOptions,
  DEFAULT_RESAMPLES,
  type Measured,
  percentileInterval,
  valueOverAll,
} from './bootstrap.ts'
import type {Estimate} from './estimate.ts'
import {seededRandom} from './random.ts'
import {statisticTable, sumRows} from './statistic-table.ts'

/**
 * The difference first minus second on the same samples with its 95% percentile interval: each resample draws the same
 * samples for both (Koehn 2004). `first.statistics[i]` and `second.statistics[i]` must belong to one sample.
 */
export function pairedBootstrap(
  first: Measured,
  second: Measured,
  {seed, resamples = DEFAULT_RESAMPLES, clusters}: BootstrapOptions,
): Estimate {
  const ourTable = statisticTable(first.statistics, clusters)
  const theirTable = statisticTable(second.statistics, clusters)
  const indices = new Uint32Array(ourTable.rows)
  const random = seededRandom(seed)
  const drawn = new Float64Array(resamples)
  for (let resample = 0; resample < resamples; resample += 1) {
    random.fillBelow(indices, indices.length)
    const ours = sumRows(ourTable, indices)
    const theirs = sumRows(theirTable, indices)
    drawn[resample] = first.value(ours.sums, ours.count) - second.value(theirs.sums, theirs.count)
  }
  return percentileInterval(valueOverAll(first) - valueOverAll(second), drawn, first.statistics.length)
}
