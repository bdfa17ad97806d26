import fc from 'fast-check'
import {expect, it} from 'vitest'
import {porterStem} from '../../src/metrics/porter-stemmer.ts'
import {rougeTokens} from '../../src/metrics/rouge-tokens.ts'
import {goldenLines} from '../golden/golden-lines.ts'

it('stems every golden word as rouge_score does with NLTK, which leaves words of three letters alone', () => {
  const golden = goldenLines<{word: string; stem: string}>('porter_golden.jsonl')
  expect(golden.length).toBe(2007)
  expect(golden.filter(({word, stem}) => rougeTokens(word, true).join(' ') !== stem)).toEqual([])
})

it('stems words of three letters when asked for the stemmer itself', () => {
  expect(['pcs', 'tvy', 'sky', 'ion'].map(porterStem)).toEqual(['pc', 'tvi', 'sky', 'ion'])
})

it('keeps words of one and two letters', () => {
  expect(['as', 's', 'y', ''].map(porterStem)).toEqual(['as', 's', 'y', ''])
})

it('never lengthens a word by more than the `e` it puts back', () => {
  const word = fc.stringMatching(/^[a-z0-9]{0,12}(ed|ing|ies|ational|alli|logi|ness|y|e|ll)?$/)
  fc.assert(
    fc.property(word, (text) => {
      expect(porterStem(text).length).toBeLessThanOrEqual(Math.max(text.length, 2))
    }),
  )
})

it('stems a thousand times `y` without a deep recursion', () => {
  expect(porterStem('y'.repeat(20_001)).length).toBe(20_001)
})
