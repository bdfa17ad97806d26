import fc from 'fast-check'
import {describe, expect, it} from 'vitest'
import {accuracy} from '../../src/metrics/accuracy.ts'
import {bleu} from '../../src/metrics/bleu.ts'
import type {Metric} from '../../src/metrics/metric.ts'
import {pythonSplit, pythonStrip} from '../../src/metrics/python-text.ts'
import {goldenLines} from '../golden/golden-lines.ts'

interface Corpus {
  readonly name: string
  readonly references: readonly (readonly string[])[]
  readonly hypotheses: readonly string[]
  readonly smooth: {readonly bleu: number}
  readonly codexglue_bleu_100?: number
  readonly acc_100?: number
}

function corpusValue(
  metric: Metric,
  {references, hypotheses}: Pick<Corpus, 'references' | 'hypotheses'>,
): number {
  const rows = hypotheses.map((text, index) => metric.statistics(text, references[index]!)!)
  const sums = rows[0]!.map((_, column) => rows.reduce((sum, row) => sum + row[column]!, 0))
  return metric.value(sums, rows.length)
}

const golden = goldenLines<Corpus>('bleu_golden.jsonl')

describe('bleu', () => {
  it.each(golden)('equals bleu.py on $name', (corpus) => {
    const value = corpusValue(bleu, corpus)
    expect(Math.abs(value / 100 - corpus.smooth.bleu)).toBeLessThan(1e-15)
    if (corpus.codexglue_bleu_100 !== undefined)
      expect(value.toFixed(2)).toBe(corpus.codexglue_bleu_100.toFixed(2))
  })

  it('is 0 where nothing was predicted, instead of a division by zero', () => {
    expect(corpusValue(bleu, {references: [['a b']], hypotheses: [' ']})).toBe(0)
    expect(corpusValue(bleu, {references: [['']], hypotheses: ['a']})).toBe(0)
  })

  it('counts words that name parts of objects', () => {
    const line = 'constructor ( ) { toString . __proto__ }'
    expect(corpusValue(bleu, {references: [[line]], hypotheses: [line]})).toBe(100)
  })

  it('stays in 0..100 and is 100 for a text against itself', () => {
    const code = fc
      .array(fc.constantFrom('a', '(', ')', 'if', '{', '}'), {maxLength: 20})
      .map((words) => words.join(' '))
    fc.assert(
      fc.property(code, code, (a, b) => {
        const value = corpusValue(bleu, {references: [[b]], hypotheses: [a]})
        expect(value >= 0 && value <= 100).toBe(true)
        expect(corpusValue(bleu, {references: [[`x ${a}`]], hypotheses: [`x ${a}`]})).toBeCloseTo(100, 10)
      }),
    )
  })

  it('does not count a sample without a reference', () => {
    expect([bleu.statistics('a', []), accuracy.statistics('a', [])]).toEqual([undefined, undefined])
  })
})

describe('accuracy', () => {
  it.each(golden.filter(({acc_100}) => acc_100 !== undefined))('equals evaluator.py on $name', (corpus) => {
    expect(corpusValue(accuracy, corpus).toFixed(2)).toBe(corpus.acc_100!.toFixed(2))
  })

  it('ignores white space at the ends only', () => {
    expect(accuracy.statistics('  a b\u0085', ['a b'])).toEqual([1])
    expect(accuracy.statistics('a  b', ['a b'])).toEqual([0])
    expect(accuracy.statistics('A b', ['a b'])).toEqual([0])
  })
})

describe('white space', () => {
  it("is Python's in split and strip", () => {
    expect(pythonSplit('\u001ca\u0085b\ufeff \u3000c\n')).toEqual(['a', 'b\ufeff', 'c'])
    expect(pythonStrip(' \u001f a \ufeff')).toBe('a \ufeff')
    expect(pythonStrip(' '.repeat(100_000))).toBe('')
  })
})
