import {describe, expect, it} from 'vitest'
import type {Measured} from '../../src/stats/bootstrap.ts'
import {holm} from '../../src/stats/holm.ts'
import {pairedBootstrap} from '../../src/stats/paired-bootstrap.ts'
import {pairedRandomisation} from '../../src/stats/paired-randomisation.ts'
import {percentile} from '../../src/stats/percentile.ts'
import {wilsonInterval} from '../../src/stats/wilson-interval.ts'
import {goldenLines} from '../golden/golden-lines.ts'

type Golden =
  | {kind: 'percentile'; values: number[]; q: number; expected: number}
  | {kind: 'wilson'; k: number; n: number; low: number; high: number}
  | {kind: 'holm'; p: number[]; expected: number[]}
  | {kind: 'randomisation'; a: number[]; b: number[]; difference: number; p: number}
  | {kind: 'bootstrap'; a: number[]; b: number[]; low: number; high: number; se: number}

const golden = goldenLines<Golden>('stats_golden.jsonl')

function ofKind<Kind extends Golden['kind']>(kind: Kind): Extract<Golden, {kind: Kind}>[] {
  return golden.filter((line): line is Extract<Golden, {kind: Kind}> => line.kind === kind)
}

function mean(values: readonly number[]): Measured {
  return {statistics: values.map((value) => [value]), value: ([sum = 0], count) => sum / count}
}

describe('statistics of other programs', () => {
  it("percentile equals NumPy's quantile", () => {
    for (const {values, q, expected} of ofKind('percentile'))
      expect(percentile(Float64Array.from(values), q)).toBeCloseTo(expected, 14)
  })

  it("wilsonInterval equals SciPy's", () => {
    for (const {k, n, low, high} of ofKind('wilson')) {
      const ours = wilsonInterval(k, n)
      expect(ours.low).toBeCloseTo(low, 12)
      expect(ours.high).toBeCloseTo(high, 12)
    }
  })

  it("holm equals statsmodels'", () => {
    for (const {p, expected} of ofKind('holm'))
      for (const [index, adjusted] of holm(p).entries()) expect(adjusted).toBeCloseTo(expected[index]!, 14)
  })

  it('pairedRandomisation comes near the p-value over all swaps', () => {
    for (const {a, b, difference, p} of ofKind('randomisation')) {
      const ours = pairedRandomisation(mean(a), mean(b), {seed: 11, resamples: 20_000})
      expect(ours.difference).toBeCloseTo(difference, 14)
      // Five standard errors of a share of 20,000 draws.
      expect(Math.abs(ours.p - p)).toBeLessThan(5 * Math.sqrt(0.25 / 20_000))
    }
  })

  it('pairedBootstrap comes near the interval of two million resamples', () => {
    for (const {a, b, low, high, se} of ofKind('bootstrap')) {
      const ours = pairedBootstrap(mean(a), mean(b), {seed: 11, resamples: 20_000})
      expect(Math.abs(ours.low - low)).toBeLessThan(0.1 * se)
      expect(Math.abs(ours.high - high)).toBeLessThan(0.1 * se)
    }
  })
})
