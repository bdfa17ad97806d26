import {type BootstrapOptions, DEFAULT_RESAMPLES, type Measured, valueOverAll} from './bootstrap.ts'
import {type Random, seededRandom} from './random.ts'
import {type StatisticTable, statisticTable} from './statistic-table.ts'

export interface Randomisation {
  /** First minus second, over all samples. */
  readonly difference: number
  /** Two-sided: (1 + swaps with a difference at least as large) / (1 + swaps). */
  readonly p: number
}

/**
 * Paired approximate randomisation (Noreen 1989): were both systems the same, the outputs of any sample could be swapped
 * between them. Draws swaps of samples (of clusters, if given) at random and counts how often the difference is as large
 * as the one found. Corpus metrics are computed anew from the swapped sums.
 */
export function pairedRandomisation(
  first: Measured,
  second: Measured,
  {seed, resamples = DEFAULT_RESAMPLES, clusters}: BootstrapOptions,
): Randomisation {
  const ours = statisticTable(first.statistics, clusters)
  const theirs = statisticTable(second.statistics, clusters)
  const gaps = ours.columns.map((values, column) =>
    values.map((value, row) => value - theirs.columns[column]![row]!),
  )
  const ourSums = columnSums(ours)
  const theirSums = columnSums(theirs)
  const count = first.statistics.length
  const [ourValue, theirValue] = [valueOverAll(first), valueOverAll(second)]
  const difference = ourValue - theirValue
  // Swaps that give the same difference in exact arithmetic may differ in the last bits of the values, however small their
  // difference is.
  const threshold = Math.abs(difference) - 1e-12 * Math.max(Math.abs(ourValue), Math.abs(theirValue))
  const random = seededRandom(seed)
  const swaps = new Uint32Array(Math.ceil(ours.rows / 32))
  let asLarge = 0
  for (let resample = 0; resample < resamples; resample += 1) {
    fillWords(random, swaps)
    const moved = gaps.map((values) => sumWhere(values, swaps))
    const swapped =
      first.value(
        ourSums.map((sum, column) => sum - moved[column]!),
        count,
      ) -
      second.value(
        theirSums.map((sum, column) => sum + moved[column]!),
        count,
      )
    if (Math.abs(swapped) >= threshold) asLarge += 1
  }
  return {difference, p: (1 + asLarge) / (1 + resamples)}
}

function columnSums({columns}: StatisticTable): number[] {
  return columns.map((values) => values.reduce((sum, value) => sum + value, 0))
}

function fillWords(random: Random, words: Uint32Array): void {
  for (let word = 0; word < words.length; word += 1) words[word] = random.uint32()
}

/** Sum of the values whose bit is 1; value i has bit i % 32 of word i / 32. */
function sumWhere(values: Float64Array, bits: Uint32Array): number {
  let sum = 0
  for (let index = 0; index < values.length; index += 1)
    sum += values[index]! * ((bits[index >>> 5]! >>> (index & 31)) & 1)
  return sum
}
