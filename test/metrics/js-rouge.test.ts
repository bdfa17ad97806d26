import fc from 'fast-check'
import {l, n} from 'js-rouge'
import {describe, expect, it} from 'vitest'
import {rougeL} from '../../src/metrics/rouge-l.ts'
import {rougeLsum} from '../../src/metrics/rouge-lsum.ts'
import {rougeN} from '../../src/metrics/rouge-n.ts'
import {rougeTokens} from '../../src/metrics/rouge-tokens.ts'

/**
 * npm `js-rouge` counts with other code. With our words and one "sentence" a line it is ROUGE as rouge_score defines it;
 * left alone it is not (Penn Treebank words, its own sentences). It throws on text without words, so those are left out.
 */
describe('js-rouge, given the same words and lines, agrees with', () => {
  const word = fc.constantFrom('The', 'cat', 'cats', 'sat', 'sitting', 'on', 'mat', 'U.S.', 'x_y', 'running')
  const text = fc
    .array(fc.tuple(word, fc.constantFrom(' ', ' ', '. ', '\n')), {minLength: 1, maxLength: 40})
    .map((pieces) => pieces.flat().join(''))
  const options = (stem: boolean) => ({
    tokenizer: (part: string) => rougeTokens(part, stem),
    caseSensitive: false,
  })
  const closeTo = (ours: number, theirs: number): void => expect(Math.abs(ours - theirs)).toBeLessThan(1e-12)

  it.each([1, 2])('rougeN of order %i', (order) => {
    fc.assert(
      fc.property(text, text, fc.boolean(), (prediction, reference, stem) => {
        const enough = [prediction, reference].every((part) => rougeTokens(part, stem).length >= order)
        fc.pre(enough)
        closeTo(
          rougeN(prediction, reference, order, stem).f,
          n(prediction, reference, {n: order, ...options(stem)}),
        )
      }),
    )
  })

  it('rougeL', () => {
    fc.assert(
      fc.property(text, text, fc.boolean(), (prediction, reference, stem) => {
        const segmenter = (part: string): string[] => [part]
        closeTo(
          rougeL(prediction, reference, stem).f,
          l(prediction, reference, {segmenter, ...options(stem)}),
        )
      }),
    )
  })

  it('rougeLsum', () => {
    fc.assert(
      fc.property(text, text, fc.boolean(), (prediction, reference, stem) => {
        const segmenter = (part: string): string[] => part.split('\n').filter((line) => line.trim() !== '')
        closeTo(
          rougeLsum(prediction, reference, stem).f,
          l(prediction, reference, {segmenter, ...options(stem)}),
        )
      }),
    )
  })
})
