/**
 * How often `slm gate` is right: simulated runs whose true drop is known, judged by the gate's own code.
 *
 *   nice node --import tsx bench/gate-power.ts [simulations of 200 samples, 1,000 and 10,000: 2000,600,300]
 *
 * Two kinds of score: `rouge`, a value in 0..1 of which half the samples change a little (a quantization), and `exact`, right or
 * wrong, of which a tenth flip. Prints the share of each verdict for true drops around the limit, as Markdown.
 */
import {metricVerdict} from '../src/gate/metric-verdict.ts'
import type {SamplePair} from '../src/gate/pair-samples.ts'
import {pairedTests} from '../src/gate/paired-tests.ts'
import type {ScoredSample} from '../src/gate/side.ts'
import {metricById} from '../src/metrics/catalogue.ts'
import {holm} from '../src/stats/holm.ts'
import {type Random, seededRandom} from '../src/stats/random.ts'

const LIMIT = 0.01
/** A fifth of the gate's own: the rates stay the same within what these simulations can tell. */
const RESAMPLES = 2000
const SIZES = [200, 1000, 10_000]
const [first = 2000, second = 600, third = 300] = (process.argv[2] ?? '')
  .split(',')
  .filter(Boolean)
  .map(Number)
const SIMULATIONS = [first, second, third]

/** Statistics of one sample in both runs. */
type Draw = (random: Random, drop: number) => readonly [baseline: number, run: number]

const KINDS: Readonly<Record<string, Draw>> = {
  rouge: (random, drop) => {
    const baseline = (random.float() + random.float()) / 2
    // Half the answers change; a sum of three uniform numbers is nearly normal, here with a standard deviation of 0.1.
    if (random.float() < 0.5) return [baseline, baseline]
    const change = (random.float() + random.float() + random.float() - 1.5) * 0.2 - 2 * drop
    return [baseline, baseline + change]
  },
  exact: (random, drop) => {
    const [flips, right] = [random.float() < 0.1, random.float() < 0.5 + 5 * drop]
    if (flips) return right ? [1, 0] : [0, 1]
    return random.float() < 0.6 ? [1, 1] : [0, 0]
  },
}

function sample(statistics: readonly number[]): ScoredSample {
  return {status: 'scored', answerDigest: '', statistics, timing: undefined, text: {kind: 'missing'}}
}

function pairs(random: Random, draws: readonly Draw[], size: number, drop: number): SamplePair[] {
  return Array.from({length: size}, (_, index) => {
    const drawn = draws.map((draw) => draw(random, drop))
    return {
      id: String(index),
      baseline: sample(drawn.map(([old]) => old)),
      run: sample(drawn.map(([, now]) => now)),
    }
  })
}

const metric = await metricById('rougeL')

/** Shares of simulations in which any of the metrics is a regression, all pass, or neither. */
function shares(draws: readonly Draw[], size: number, simulations: number, drop: number, limit: number) {
  const random = seededRandom(1 + size + Math.round(1e6 * drop))
  const counts = {regression: 0, inconclusive: 0, passed: 0}
  for (let simulation = 0; simulation < simulations; simulation++) {
    const places = draws.map((_, place) => ({metric, baselinePlace: place, runPlace: place}))
    const tests = pairedTests(pairs(random, draws, size, drop), places, RESAMPLES).flatMap((test) =>
      'missing' in test ? [] : [test],
    )
    const adjusted = holm(tests.map(({p}) => p))
    const verdicts = tests.map(
      (test, place) =>
        metricVerdict({...test, adjustedP: adjusted[place]!}, {maxDrop: {kind: 'absolute', value: limit}})
          .verdict,
    )
    if (verdicts.includes('regression')) counts.regression++
    else if (verdicts.includes('inconclusive')) counts.inconclusive++
    else counts.passed++
  }
  return counts
}

function row(
  name: string,
  size: number,
  simulations: number,
  drop: number,
  limit: number,
  draws: readonly Draw[],
): void {
  const counts = shares(draws, size, simulations, drop, limit)
  const share = (count: number): string => `${((100 * count) / simulations).toFixed(1)}%`
  const cells = [
    name,
    size,
    limit,
    drop,
    simulations,
    share(counts.regression),
    share(counts.inconclusive),
    share(counts.passed),
  ]
  console.log(`| ${cells.join(' | ')} |`)
}

console.log('| scores | samples | limit | true drop | simulations | regression | inconclusive | passed |')
console.log('| --- | --- | --- | --- | --- | --- | --- | --- |')
for (const [place, size] of SIZES.entries()) {
  const simulations = SIMULATIONS[place] ?? 0
  if (simulations === 0) continue
  for (const [kind, draw] of Object.entries(KINDS)) {
    row(kind, size, simulations, 0, 0, [draw])
    for (const drop of [0, 0.01, 0.02, 0.03, 0.05]) row(kind, size, simulations, drop, LIMIT, [draw])
  }
  if (size < 10_000) row('four of rouge', size, simulations, 0, 0, new Array<Draw>(4).fill(KINDS['rouge']!))
}
