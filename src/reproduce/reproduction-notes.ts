import type {ReproduceConfig} from '../config/reproduce-config.ts'
import type {CellResult} from './cell-result.ts'

/** Seeds from which an interval over seeds says something. */
const ENOUGH_SEEDS = 3
/** Sizes may differ by this much and still count as equal. */
const SAME_SIZE = 0.01

/** What to mind about the table: how its numbers come about, and what is missing. */
export function reproductionNotes(
  config: ReproduceConfig,
  results: readonly CellResult[],
): readonly string[] {
  return [
    'A miniature: networks of a few million parameters on small data. Tasks whose names end in -mini are synthetic and say nothing about the data sets they are named after.',
    'Each value is the mean over seeds with its 95% interval over seeds (Student’s t); with one seed the interval is over samples, and of the average there is none. A seed decides weights and order of the data.',
    ...(results.some(({method}) => method === 'teacher')
      ? ['One teacher was trained for all seeds: the intervals of KD do not show how teachers vary.']
      : []),
    'RG, the score of a judge, was not asked for.',
    'Equal examples are not equal work: what each cell cost stands in the table “What was equal”. A decoder-only network that also learns its prompt (sourceLoss) has more tokens in its loss.',
    ...sizeNotes(results),
    ...missingNotes(config, results),
  ]
}

function sizeNotes(results: readonly CellResult[]): readonly string[] {
  const sizes = [...new Set(results.map(({size}) => size))]
  return sizes.flatMap((size) => {
    const counts = results
      .filter((result) => result.size === size && result.method !== 'teacher')
      .flatMap(({tested}) => tested.map(({about}) => about.nonEmbedding))
    if (counts.length === 0) return []
    const [least, most] = [Math.min(...counts), Math.max(...counts)]
    const difference = `${((100 * (most - least)) / least).toFixed(2)}%`
    return (most - least) / least <= SAME_SIZE
      ? [`Parameters without embedding of size ${size} differ by ${difference} at most.`]
      : [`NOT EQUAL: parameters without embedding of size ${size} differ by ${difference}.`]
  })
}

function missingNotes(config: ReproduceConfig, results: readonly CellResult[]): readonly string[] {
  const missing = results.filter(({missingSeeds}) => missingSeeds.length > 0)
  const few =
    config.seeds < ENOUGH_SEEDS
      ? [`Only ${config.seeds} of ${ENOUGH_SEEDS} seeds were asked for: the intervals say little.`]
      : []
  return [
    ...few,
    ...(missing.length === 0
      ? []
      : [
          `Missing: ${missing.map(({cell, missingSeeds}) => `${cell} with seed ${missingSeeds.join(', ')}`).join('; ')}. The same command goes on.`,
        ]),
  ]
}
