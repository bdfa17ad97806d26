/**
 * How fast texts are scored: `node --import tsx bench/scoring.ts`. Prints median milliseconds of several runs on made-up
 * text; nothing here is a test.
 */
import {metricById} from '../src/metrics/catalogue.ts'
import {rougeL} from '../src/metrics/rouge-l.ts'
import {rougeLsum} from '../src/metrics/rouge-lsum.ts'
import {rougeN} from '../src/metrics/rouge-n.ts'
import {bootstrapEstimate} from '../src/stats/bootstrap.ts'
import {metricEstimates} from '../src/stats/metric-estimate.ts'
import {pairedRandomisation} from '../src/stats/paired-randomisation.ts'
import {type Random, seededRandom} from '../src/stats/random.ts'

/** Questions of SQuAD 2.0's development set. */
const SQUAD_ROWS = 11_873
const SQUAD_METRICS = ['rougeL', 'exact', 'f1', 'hasAns-exact', 'hasAns-f1', 'noAns-exact', 'noAns-f1']

function words(random: Random, count: number, distinct: number): string {
  return Array.from({length: count}, () => `w${random.below(distinct)}`).join(' ')
}

function lines(random: Random, count: number, wordsEach: number): string {
  return Array.from({length: count}, () => words(random, wordsEach, 400)).join('\n')
}

function report(name: string, repeats: number, work: () => unknown): void {
  work()
  const times = Array.from({length: repeats}, () => {
    const start = performance.now()
    work()
    return performance.now() - start
  }).sort((a, b) => a - b)
  const median = times[Math.floor(repeats / 2)]!
  const least = times[0]!
  console.log(`${name.padEnd(58)} ${median.toFixed(3).padStart(10)} ${least.toFixed(3).padStart(10)}`)
}

const random = seededRandom(1)
console.log(`${'what'.padEnd(58)} ${'median ms'.padStart(10)} ${'least ms'.padStart(10)}`)
for (const size of [20, 200, 2000]) {
  const [a, b] = [words(random, size, 400), words(random, size, 400)]
  const repeats = size === 2000 ? 50 : 500
  report(`rougeL, ${size} x ${size} words`, repeats, () => rougeL(a, b, false))
  report(`rougeL with stemmer, ${size} x ${size} words`, repeats, () => rougeL(a, b, true))
  report(`rouge1 (npm rouge), ${size} x ${size} words`, repeats, () => rougeN(a, b, 1, false))
  report(`rouge2 (npm rouge), ${size} x ${size} words`, repeats, () => rougeN(a, b, 2, false))
  report(`rougeLsum, one line of ${size} words`, repeats, () => rougeLsum(a, b, false))
  const [c, d] = [lines(random, size / 20, 20), lines(random, size / 20, 20)]
  report(`rougeLsum, ${size / 20} lines of 20 words`, repeats, () => rougeLsum(c, d, false))
}

const metrics = await Promise.all(SQUAD_METRICS.map(metricById))
const rows = Array.from({length: SQUAD_ROWS}, (_, row) => ({
  prediction: words(random, 3, 20),
  references: row % 2 === 0 ? [] : [words(random, 3, 20), words(random, 2, 20), words(random, 4, 20)],
}))
const statistics = metrics.map((metric) => ({
  metric,
  statistics: rows.map(({prediction, references}) => metric.statistics(prediction, references)),
}))
report(`7 metrics of squad on ${SQUAD_ROWS} rows`, 5, () =>
  metrics.map((metric) => rows.map(({prediction, references}) => metric.statistics(prediction, references))),
)
const f1 = statistics[2]!.statistics.map((sample) => sample!)
const measured = {statistics: f1, value: metrics[2]!.value}
report(`bootstrap of one mean, ${SQUAD_ROWS} rows, 10,000 resamples`, 5, () =>
  bootstrapEstimate(measured, {seed: 1}),
)
report(`bootstrap of the 7 metrics together`, 3, () => metricEstimates(statistics, {seed: 1}))
report(`paired randomisation of one mean, 10,000 swaps`, 3, () =>
  pairedRandomisation(measured, measured, {seed: 1}),
)
const bleu = await metricById('bleu')
const code = Array.from(
  {length: 1000},
  () => bleu.statistics(words(random, 40, 60), [words(random, 40, 60)])!,
)
report('bootstrap of corpus BLEU, 1,000 rows, 10,000 resamples', 3, () =>
  bootstrapEstimate({statistics: code, value: bleu.value}, {seed: 1}),
)
