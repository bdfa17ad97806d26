import fc from 'fast-check'
import {describe, expect, it} from 'vitest'
import type {PrecisionRecall} from '../../src/metrics/precision-recall.ts'
import {rougeL} from '../../src/metrics/rouge-l.ts'
import {rougeLsum} from '../../src/metrics/rouge-lsum.ts'
import {bestOfReferences} from '../../src/metrics/rouge-metric.ts'
import {rougeN} from '../../src/metrics/rouge-n.ts'
import {goldenLines} from '../golden/golden-lines.ts'

interface Score {
  readonly p: number
  readonly r: number
  readonly f: number
}
type Scores = Readonly<Record<'rouge1' | 'rouge2' | 'rougeL' | 'rougeLsum', Score>>

const SCORERS = {
  rouge1: (prediction: string, reference: string, stem: boolean) => rougeN(prediction, reference, 1, stem),
  rouge2: (prediction: string, reference: string, stem: boolean) => rougeN(prediction, reference, 2, stem),
  rougeL,
  rougeLsum,
} as const
const NAMES = ['rouge1', 'rouge2', 'rougeL', 'rougeLsum'] as const

function asScore({precision, recall, f}: PrecisionRecall): Score {
  return {p: precision, r: recall, f}
}

describe.each(NAMES)('%s', (name) => {
  const score = SCORERS[name]

  it('equals rouge_score to the last bit on every golden pair', () => {
    const golden = goldenLines<{target: string; prediction: string; stemmer: boolean} & Scores>(
      'rouge_golden.jsonl',
    )
    expect(golden.length).toBe(449)
    const wrong = golden.filter((pair) => {
      const ours = score(pair.prediction, pair.target, pair.stemmer)
      return ours.precision !== pair[name].p || ours.recall !== pair[name].r || ours.f !== pair[name].f
    })
    expect(wrong).toEqual([])
  })

  it('takes the reference that score_multi takes', () => {
    for (const pair of goldenLines<{targets: [string]; prediction: string; stemmer: boolean} & Scores>(
      'rouge_multi_golden.jsonl',
    )) {
      const ours = bestOfReferences(pair.prediction, pair.targets, (prediction, reference) =>
        score(prediction, reference, pair.stemmer),
      )
      expect(asScore(ours)).toEqual(pair[name])
    }
  })

  it('swaps precision and recall when the texts are swapped, unless repeated words let the back-trace choose', () => {
    const words = fc
      .uniqueArray(fc.stringMatching(/^[a-z]{1,3}$/), {maxLength: 12})
      .map((list) => list.join(' '))
    fc.assert(
      fc.property(words, words, fc.boolean(), (a, b, stem) => {
        if (name === 'rougeLsum' && stem) return
        const forth = score(a, b, stem)
        const back = score(b, a, stem)
        expect([forth.precision, forth.recall, forth.f]).toEqual([back.recall, back.precision, back.f])
      }),
    )
  })

  it('stays in 0..1 and is 1 for a text against itself when the text has enough words', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), fc.boolean(), (a, b, stem) => {
        const {precision, recall, f} = score(a, b, stem)
        expect([precision, recall, f].every((value) => value >= 0 && value <= 1)).toBe(true)
        expect(score(`${a} one two`, `${a} one two`, stem).f).toBe(1)
      }),
    )
  })

  it('ends with 0 for blank text and text of other scripts, also against itself', () => {
    for (const text of ['', ' ', '\n\n', '...', '日本語'])
      expect([score(text, text, true).f, score(text, 'a b', false).f, score('a b', text, false).f]).toEqual([
        0, 0, 0,
      ])
  })

  it('ends for long equal texts and for words that name parts of objects', () => {
    const text = 'constructor toString __proto__ hasOwnProperty '.repeat(200)
    expect(score(text, text, false)).toEqual({precision: 1, recall: 1, f: 1})
  })
})

describe('rougeN', () => {
  it('does not take "ab cd" for "a bcd"', () => {
    expect(rougeN('ab cd', 'a bcd', 2, false).f).toBe(0)
  })
})

describe('rougeLsum', () => {
  it('equals rougeL where no text has a line break', () => {
    const line = fc
      .array(fc.constantFrom('a', 'b', 'c', 'd'), {maxLength: 40})
      .map((words) => words.join(' '))
    fc.assert(
      fc.property(line, line, (a, b) => {
        expect(rougeLsum(a, b, false)).toEqual(rougeL(a, b, false))
      }),
    )
  })

  it('does not end a sentence at a full stop', () => {
    expect(rougeLsum('b. a.', 'a. b.', false).f).toBe(0.5)
    expect(rougeLsum('b.\na.', 'a.\nb.', false).f).toBe(1)
  })
})
