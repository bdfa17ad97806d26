import fc from 'fast-check'
import {describe, expect, it} from 'vitest'
import {bootstrapEstimate, bootstrapEstimates, type Measured} from '../../src/stats/bootstrap.ts'
import {metricEstimate, metricEstimates} from '../../src/stats/metric-estimate.ts'
import {pairedBootstrap} from '../../src/stats/paired-bootstrap.ts'
import {pairedRandomisation} from '../../src/stats/paired-randomisation.ts'

const meanValue = ([sum = 0]: readonly number[], count: number): number => sum / count
const mean = (values: readonly number[]): Measured => ({
  statistics: values.map((value) => [value]),
  value: meanValue,
})
/** A corpus value: the ratio of two sums. */
const ratio = (rows: readonly (readonly [number, number])[]): Measured => ({
  statistics: rows,
  value: ([top = 0, bottom = 0]) => (top + 1) / (bottom + 1),
})
const score = fc.double({min: 0, max: 1, noNaN: true})

describe('bootstrapEstimate', () => {
  it('lies within the smallest and largest sample', () => {
    fc.assert(
      fc.property(fc.array(score, {minLength: 1, maxLength: 30}), fc.nat(), (values, seed) => {
        const {low, high, value, count} = bootstrapEstimate(mean(values), {seed, resamples: 200})
        expect(count).toBe(values.length)
        expect(low <= high && low >= Math.min(...values) - 1e-12 && high <= Math.max(...values) + 1e-12).toBe(
          true,
        )
        expect(value).toBeCloseTo(values.reduce((sum, part) => sum + part, 0) / values.length, 12)
      }),
    )
  })

  it('has no width when all samples are equal', () => {
    const {value, low, high} = bootstrapEstimate(mean(new Array<number>(10).fill(0.1)), {seed: 1})
    expect([low <= value && value <= high, high - low < 1e-12]).toEqual([true, true])
  })

  it('gives the same interval for the same seed and another for another seed', () => {
    const values = mean([0, 0.2, 0.3, 0.35, 0.9, 1, 1])
    const once = bootstrapEstimate(values, {seed: 5})
    expect(bootstrapEstimate(values, {seed: 5})).toEqual(once)
    expect(bootstrapEstimate(values, {seed: 6})).not.toEqual(once)
  })

  it('covers the quantiles of the binomial distribution for successes and failures', () => {
    // SciPy: binom.ppf([0.025, 0.975], 100, 0.7) / 100 = 0.61, 0.79.
    const values = Array.from({length: 100}, (_, index) => (index < 70 ? 1 : 0))
    const {low, high} = bootstrapEstimate(mean(values), {seed: 3, resamples: 20_000})
    expect([low, high]).toEqual([0.61, 0.79])
  })

  it('computes a corpus value from sums, not from values of samples', () => {
    const {value} = bootstrapEstimate(
      ratio([
        [1, 1],
        [0, 8],
      ]),
      {seed: 1, resamples: 10},
    )
    expect(value).toBe(0.2)
  })

  it('gives together what it gives alone', () => {
    const list = [
      mean([0, 1, 0.5, 0.25]),
      mean([1, 1, 0, 0]),
      ratio([
        [1, 2],
        [2, 2],
        [0, 5],
        [3, 4],
      ]),
    ]
    const options = {seed: 9, resamples: 300}
    expect(bootstrapEstimates(list, options)).toEqual(list.map((one) => bootstrapEstimate(one, options)))
  })

  it('draws whole clusters, so copies of a sample do not narrow the interval', () => {
    const values = [0, 0.2, 0.3, 0.35, 0.9, 1]
    const copies = values.flatMap((value) => new Array<number>(8).fill(value))
    const clusters = copies.map((value) => String(value))
    const single = bootstrapEstimate(mean(values), {seed: 2})
    const clustered = bootstrapEstimate(mean(copies), {seed: 2, clusters})
    expect(clustered.low).toBeCloseTo(single.low, 12)
    expect(clustered.high).toBeCloseTo(single.high, 12)
    expect(clustered.count).toBe(48)
  })
})

describe('metricEstimate', () => {
  it('leaves out samples that do not count', () => {
    const result = metricEstimate({value: meanValue}, [[1], undefined, [0], undefined], {seed: 1})
    expect(result).toMatchObject({value: 0.5, count: 2})
  })

  it('says why there is no value when no sample counts', () => {
    expect(metricEstimate({value: meanValue}, [undefined, undefined], {seed: 1})).toEqual({
      missing: 'no sample counts for this metric',
    })
  })

  it('gives for several metrics what it gives for each', () => {
    const list = [
      {metric: {value: meanValue}, statistics: [[1], [0.5], [0]]},
      {metric: {value: meanValue}, statistics: [undefined, [0.5], [0]]},
      {metric: {value: meanValue}, statistics: [[0], [0], [1]]},
    ]
    const options = {seed: 4, resamples: 100, clusters: ['p', 'q', 'q']}
    expect(metricEstimates(list, options)).toEqual(
      list.map(({metric, statistics}) => metricEstimate(metric, statistics, options)),
    )
  })
})

describe('paired comparison', () => {
  const ours = mean([1, 1, 0.5, 1, 0.25, 1, 1, 0])
  const theirs = mean([0, 1, 0.5, 0, 0.25, 1, 0, 0])

  it('of a system with itself finds no difference', () => {
    expect(pairedBootstrap(ours, ours, {seed: 1})).toEqual({value: 0, low: 0, high: 0, count: 8})
    expect(pairedRandomisation(ours, ours, {seed: 1})).toEqual({difference: 0, p: 1})
  })

  it('changes its sign, and nothing else, when the systems are swapped', () => {
    const forth = pairedBootstrap(ours, theirs, {seed: 1})
    const back = pairedBootstrap(theirs, ours, {seed: 1})
    expect(back.value).toBe(-forth.value)
    expect(back.low).toBeCloseTo(-forth.high, 12)
    expect(pairedRandomisation(theirs, ours, {seed: 1}).p).toBe(
      pairedRandomisation(ours, theirs, {seed: 1}).p,
    )
  })

  it('never gives a p-value of 0', () => {
    const all = mean(new Array<number>(60).fill(1))
    const none = mean(new Array<number>(60).fill(0))
    expect(pairedRandomisation(all, none, {seed: 1, resamples: 999}).p).toBe(0.001)
  })

  it('swaps whole clusters', () => {
    // One cluster: each swap gives the difference itself or its negative.
    expect(pairedRandomisation(ours, theirs, {seed: 1, clusters: new Array<string>(8).fill('p')}).p).toBe(1)
  })
})
