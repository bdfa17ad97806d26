import fc from 'fast-check'
import {describe, expect, it} from 'vitest'
import {metricById} from '../../src/metrics/catalogue.ts'
import {squadTokens} from '../../src/metrics/squad-answer.ts'
import {squadExact} from '../../src/metrics/squad-exact.ts'
import {squadF1} from '../../src/metrics/squad-f1.ts'
import {goldenLines} from '../golden/golden-lines.ts'

interface Corpus {
  readonly qas: readonly {readonly id: string; readonly golds: readonly string[]}[]
  readonly preds: Readonly<Record<string, string>>
  readonly na_prob_thresh: number
  readonly na_probs: Readonly<Record<string, number>>
  readonly expected: Readonly<Record<string, number>>
}

describe("SQuAD's scores", () => {
  it('equal evaluate-v2.0.py on every golden answer', () => {
    const golden = goldenLines<{prediction: string; golds: string[]; em: number; f1: number; norm: string}>(
      'squad_golden.jsonl',
    )
    expect(golden.length).toBe(74)
    const ours = golden.map(({prediction, golds}) => ({
      em: squadExact(prediction, golds),
      f1: squadF1(prediction, golds),
      norm: squadTokens(prediction).join(' '),
    }))
    expect(ours).toEqual(golden.map(({em, f1, norm}) => ({em, f1, norm})))
  })

  it('sum to its totals, to the last bit, over whole sets of questions', async () => {
    const ids = {
      exact: 'exact',
      f1: 'f1',
      HasAns_exact: 'hasAns-exact',
      HasAns_f1: 'hasAns-f1',
      NoAns_exact: 'noAns-exact',
      NoAns_f1: 'noAns-f1',
    } as const
    let compared = 0
    for (const {qas, preds, na_probs, na_prob_thresh, expected} of goldenLines<Corpus>(
      'squad_corpus_golden.jsonl',
    ))
      for (const [name, id] of Object.entries(ids)) {
        if (expected[name] === undefined) continue
        const metric = await metricById(id)
        const rows = qas.flatMap(({id: question, golds}) => {
          const scores = metric.statistics(preds[question]!, golds) ?? []
          // What the script does above its threshold: the answer is taken back, and right only where there is none.
          const isTakenBack = na_probs[question]! > na_prob_thresh
          return isTakenBack ? scores.map(() => (golds.length === 0 ? 1 : 0)) : scores
        })
        const sum = rows.reduce((total, value) => total + value, 0)
        expect(metric.value([sum], rows.length)).toBe(expected[name])
        compared += 1
      }
    expect(compared).toBe(36)
  })

  it('see letters of all scripts next to an article', () => {
    expect(
      ['éa b', 'a b', 'a\u0301 b', '_the b', 'aé b', '中the b'].map((text) => squadTokens(text).join('|')),
    ).toEqual(['éa|b', 'b', '\u0301|b', 'b', 'aé|b', '中the|b'])
  })

  it('cut where Python cuts: at U+001C and U+0085, not at U+FEFF', () => {
    expect(squadTokens('x\u001cy\u0085z\ufeffw')).toEqual(['x', 'y', 'z\ufeffw'])
  })

  it('stay in 0..1, and F1 is never below exact match', () => {
    fc.assert(
      fc.property(fc.string(), fc.array(fc.string(), {maxLength: 3}), (answer, golds) => {
        const exact = squadExact(answer, golds)
        const f1 = squadF1(answer, golds)
        expect(exact <= f1 && f1 <= 1 && exact >= 0).toBe(true)
      }),
    )
  })
})
