import fc from 'fast-check'
import {describe, expect, it} from 'vitest'
import type {SamplePair} from '../../src/gate/pair-samples.ts'
import {type PairedTest, pairedTests} from '../../src/gate/paired-tests.ts'
import {MOST_ROWS, sampleGroups} from '../../src/gate/sample-groups.ts'
import type {ScoredSample, Statistic} from '../../src/gate/side.ts'
import {metricById} from '../../src/metrics/catalogue.ts'
import {pairedBootstrap} from '../../src/stats/paired-bootstrap.ts'
import {seededRandom} from '../../src/stats/random.ts'
import {goldenLines} from '../golden/golden-lines.ts'

interface Golden {
  readonly name: string
  readonly metric: string
  readonly run: readonly Statistic[]
  readonly baseline: readonly Statistic[]
  readonly difference: number
  readonly low: number
  readonly high: number
  readonly p: number
  readonly scipyOwnDraws: {
    readonly low: number
    readonly high: number
    readonly se: number
    readonly p: number
  }
}

const golden = goldenLines<Golden>('gate_golden.jsonl')

function sample(statistic: Statistic): ScoredSample {
  return {
    status: 'scored',
    answerDigest: '000000000000',
    statistics: [statistic],
    timing: undefined,
    text: {kind: 'missing'},
  }
}

function pairsOf(run: readonly Statistic[], baseline: readonly Statistic[]): SamplePair[] {
  return run.map((statistic, index) => ({
    id: String(index),
    run: sample(statistic),
    baseline: sample(baseline[index]!),
  }))
}

async function tested(
  metric: string,
  run: readonly Statistic[],
  baseline: readonly Statistic[],
): Promise<PairedTest> {
  const paired = {metric: await metricById(metric), baselinePlace: 0, runPlace: 0}
  return pairedTests(pairsOf(run, baseline), [paired])[0] as PairedTest // some sample counts
}

describe.each(golden)('$name', ({metric, run, baseline, difference, low, high, p, scipyOwnDraws}) => {
  it("has SciPy's interval and p value of the same draws", async () => {
    const test = await tested(metric, run, baseline)
    expect(test.difference.value).toBeCloseTo(difference, 11)
    expect(test.difference.low).toBeCloseTo(low, 11)
    expect(test.difference.high).toBeCloseTo(high, 11)
    expect(test.p).toBeCloseTo(p, 14)
  })

  it("comes near SciPy's of other draws", async () => {
    const test = await tested(metric, run, baseline)
    const {low: otherLow, high: otherHigh, se, p: otherP} = scipyOwnDraws
    expect(Math.abs(test.difference.low - otherLow)).toBeLessThan(0.2 * se)
    expect(Math.abs(test.difference.high - otherHigh)).toBeLessThan(0.2 * se)
    // Five standard errors of two shares of at least 10,000 draws.
    expect(Math.abs(test.p - otherP)).toBeLessThan(5 * Math.sqrt((0.25 / 10_000) * 1.5))
  })
})

describe('pairedTests', () => {
  it('gives each metric what it has alone', async () => {
    const list = golden.filter(({metric}) => metric !== 'bleu').slice(0, 1)
    const {run, baseline} = list[0]!
    const [rougeL, exact] = await Promise.all([metricById('rougeL'), metricById('exact')])
    const places = {baselinePlace: 0, runPlace: 0}
    const pairs = pairsOf(run, baseline)
    const both = pairedTests(pairs, [
      {metric: rougeL, ...places},
      {metric: exact, ...places},
    ])
    expect(both[0]).toEqual(pairedTests(pairs, [{metric: rougeL, ...places}])[0])
    expect(both[1]).toEqual(pairedTests(pairs, [{metric: exact, ...places}])[0])
  })

  it('gives the interval of pairedBootstrap', async () => {
    const {run, baseline} = golden.find(({metric}) => metric === 'bleu')!
    const {value} = await metricById('bleu')
    const measured = (side: readonly Statistic[]) => ({statistics: side as readonly number[][], value})
    const expected = pairedBootstrap(measured(run), measured(baseline), {seed: 0})
    expect((await tested('bleu', run, baseline)).difference).toEqual(expected)
  })

  it('calls equal sides equal without a draw, and says where no sample counts', async () => {
    const equal = await tested('rougeL', [0.1, 0.7, 0.2], [0.1, 0.7, 0.2])
    expect(equal).toMatchObject({difference: {value: 0, low: 0, high: 0, count: 3}, p: 1})
    const paired = {metric: await metricById('rougeL'), baselinePlace: 0, runPlace: 0}
    expect(pairedTests(pairsOf([[], 0.5], [0.5, []]), [paired])).toEqual([
      {missing: 'no sample counts on both sides'},
    ])
  })

  it('finds with groups the interval that single samples have', async () => {
    const random = seededRandom(5)
    const baseline = Array.from({length: 4 * MOST_ROWS}, () => random.float())
    const run = baseline.map((value) => value + 0.4 * (random.float() - 0.52))
    const {difference} = await tested('rougeL', run, baseline)
    // The standard error of a mean of independent differences, uniform over a width of 0.4.
    const half = (1.959964 * 0.4) / Math.sqrt(12 * run.length)
    expect(difference.count).toBe(4 * MOST_ROWS)
    expect(difference.high - difference.low).toBeGreaterThan(2 * half * 0.93)
    expect(difference.high - difference.low).toBeLessThan(2 * half * 1.07)
    expect(Math.abs(difference.value + 0.008)).toBeLessThan(2 * half)
  })
})

describe('sampleGroups', () => {
  it('puts every sample into one row, rows of one size but the last', () => {
    fc.assert(
      fc.property(fc.integer({min: 0, max: 4 * MOST_ROWS}), (count) => {
        const {rows, rowOf} = sampleGroups(count, 1)
        const sizes = new Array<number>(rows).fill(0)
        for (const row of rowOf) sizes[row]! += 1
        expect(rows).toBeLessThanOrEqual(MOST_ROWS)
        expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(count)
        expect(new Set(sizes.slice(0, -1)).size).toBeLessThanOrEqual(1)
        expect(sizes.at(-1) ?? 0).toBeLessThanOrEqual(sizes[0] ?? 0)
      }),
      {numRuns: 30},
    )
  })
})
