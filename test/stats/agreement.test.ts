import fc from 'fast-check'
import {describe, expect, it} from 'vitest'
import {cohenKappa, confusionTable, rawAgreement} from '../../src/stats/agreement.ts'
import {bootstrapEstimate} from '../../src/stats/bootstrap.ts'
import {itemBootstrap} from '../../src/stats/item-bootstrap.ts'
import {krippendorffAlpha} from '../../src/stats/krippendorff-alpha.ts'
import {repeatedEstimate} from '../../src/stats/repeated-estimate.ts'
import {spearman} from '../../src/stats/spearman.ts'
import {goldenLines} from '../golden/golden-lines.ts'

type Line =
  | {
      kind: 'pair'
      levels: number
      a: number[]
      b: number[]
      raw: number
      confusion: number[][]
      kappa: number | null
      linear: number | null
      quadratic: number | null
      spearman: number | null
    }
  | {kind: 'rank'; a: number[]; b: number[]; spearman: number | null}
  | {kind: 'raters'; raters: (number | null)[][]; nominal: number; ordinal: number; interval: number}

const lines = goldenLines<Line>('agreement_golden.jsonl')
const close = (value: number, golden: number | null): void => {
  if (golden === null) expect(value).toBeNaN()
  else expect(value).toBeCloseTo(golden, 12)
}

describe('two raters', () => {
  it.each(lines.filter((line) => line.kind === 'pair').map((line, at) => [at, line] as const))(
    'agree as scikit-learn and SciPy say, pair %i',
    (_, line) => {
      const table = confusionTable(line.a, line.b, line.levels)
      expect(table).toEqual(line.confusion)
      close(rawAgreement(table), line.raw)
      close(cohenKappa(table), line.kappa)
      close(cohenKappa(table, 'linear'), line.linear)
      close(cohenKappa(table, 'quadratic'), line.quadratic)
      close(spearman(line.a, line.b), line.spearman)
    },
  )

  it.each(lines.filter((line) => line.kind === 'rank').map((line, at) => [at, line] as const))(
    'rank as SciPy says, with ties, pair %i',
    (_, line) => close(spearman(line.a, line.b), line.spearman),
  )

  it('have no kappa when both used one level only', () => {
    expect(cohenKappa(confusionTable([1, 1, 1], [1, 1, 1], 3))).toBeNaN()
  })

  it('give a constant predictor a kappa of 0', () => {
    expect(cohenKappa(confusionTable([0, 1, 1, 0, 1], [1, 1, 1, 1, 1], 2))).toBe(0)
  })
})

describe('any number of raters', () => {
  it.each(lines.filter((line) => line.kind === 'raters').map((line, at) => [at, line] as const))(
    'agree as the package krippendorff says, missing values included, set %i',
    (_, {raters, nominal, ordinal, interval}) => {
      const units = raters[0]!.map((__, item) =>
        raters.flatMap((values) =>
          values[item] === null || values[item] === undefined ? [] : [values[item]],
        ),
      )
      close(krippendorffAlpha(units, 'nominal'), nominal)
      close(krippendorffAlpha(units, 'ordinal'), ordinal)
      close(krippendorffAlpha(units, 'interval'), interval)
    },
  )

  it('gives Krippendorff’s own example: 0.743 nominal, 0.815 ordinal, 0.849 interval', () => {
    const units = [
      [1, 1, 1],
      [2, 2, 3, 2],
      [3, 3, 3, 3],
      [3, 3, 3, 3],
      [2, 2, 2, 2],
      [1, 2, 3, 4],
      [4, 4, 4, 4],
      [1, 1, 2, 1],
      [2, 2, 2, 2],
      [5, 5, 5],
      [1, 1],
      [3],
    ]
    expect(krippendorffAlpha(units, 'nominal')).toBeCloseTo(0.743, 3)
    expect(krippendorffAlpha(units, 'ordinal')).toBeCloseTo(0.815, 3)
    expect(krippendorffAlpha(units, 'interval')).toBeCloseTo(0.849, 3)
  })
})

it('does not depend on which rater comes first', () => {
  const level = fc.integer({min: 0, max: 3})
  fc.assert(
    fc.property(fc.array(fc.tuple(level, level), {minLength: 1}), (pairs) => {
      const [first, second] = [pairs.map(([a]) => a), pairs.map(([, b]) => b)]
      const there = cohenKappa(confusionTable(first, second, 4), 'linear')
      const back = cohenKappa(confusionTable(second, first, 4), 'linear')
      if (Number.isNaN(there)) expect(back).toBeNaN()
      else expect(back).toBeCloseTo(there, 12)
    }),
  )
})

describe('intervals', () => {
  it('are the plain bootstrap of a mean when every item was judged once', () => {
    const values = [0, 0.25, 1, 0.5, 0.75, 1]
    const plain = bootstrapEstimate(
      {statistics: values.map((value) => [value]), value: (sums, count) => sums[0]! / count},
      {seed: 3},
    )
    const repeated = repeatedEstimate(
      values.map((value) => [value]),
      {seed: 3},
    )
    expect(repeated.value).toBeCloseTo(plain.value, 12)
    expect(repeated.low).toBeCloseTo(plain.low, 12)
    expect(repeated.high).toBeCloseTo(plain.high, 12)
  })

  it('are wider when votes differ than when their means are taken for certain', () => {
    const votes = Array.from({length: 12}, (_, item) => (item % 2 === 0 ? [0, 1] : [0.25, 0.75]))
    const drawn = repeatedEstimate(votes, {seed: 1})
    expect(drawn.value).toBe(0.5)
    expect(drawn.high - drawn.low).toBeGreaterThan(0.1)
    const sure = repeatedEstimate(
      votes.map(() => [0.5]),
      {seed: 1},
    )
    expect(sure.high - sure.low).toBe(0)
  })

  it('leave out and count resamples without a value', () => {
    const labels = [0, 1]
    const kappa = itemBootstrap(
      2,
      (indices) => {
        const levels = Array.from(indices, (index) => labels[index]!)
        return cohenKappa(confusionTable(levels, levels, 2))
      },
      {seed: 0, resamples: 100},
    )
    expect(kappa).toMatchObject({value: 1, low: 1, high: 1, count: 2})
    expect(kappa?.undefinedResamples).toBeGreaterThan(20)
  })
})
