import {describe, expect, it} from 'vitest'
import {metricById} from '../../src/metrics/catalogue.ts'
import {type CodeLanguage, keywordsOf} from '../../src/metrics/code-bleu/code-language.ts'
import {nGramMatch, precisionStatistics, recallStatistics} from '../../src/metrics/code-bleu/n-gram-match.ts'
import {stripComments} from '../../src/metrics/code-bleu/strip-comments.ts'
import {goldenLines} from '../golden/golden-lines.ts'

interface Pair {
  readonly language: CodeLanguage
  readonly reference: string
  readonly prediction: string
  readonly ngram: number
  readonly weighted: number
  /** Matching subtrees, all subtrees, matching flows, all flows. */
  readonly trees: readonly number[]
}

const golden = goldenLines<Pair>('code_bleu_golden.jsonl')
const idOf = (language: CodeLanguage): string => (language === 'java' ? 'codeBleu-java' : 'codeBleu')

describe('codeBleu', () => {
  it('matches n-grams as calc_code_bleu.py does', () => {
    for (const {language, reference, prediction, ngram, weighted} of golden) {
      expect(nGramMatch(precisionStatistics(prediction, [reference]))).toBeCloseTo(ngram, 14)
      const recall = recallStatistics(prediction, [reference], keywordsOf(language))
      expect(nGramMatch(recall)).toBeCloseTo(weighted, 14)
    }
  })

  it('counts subtrees and data flows as calc_code_bleu.py does with the same grammar', async () => {
    for (const {language, reference, prediction, trees} of golden) {
      const metric = await metricById(idOf(language))
      expect(metric.statistics(prediction, [reference])!.slice(20), reference).toEqual(trees)
    }
  })

  it('is a quarter of each part, over the whole corpus', async () => {
    const metric = await metricById('codeBleu')
    const sums = [...new Array<number>(4).fill(1), ...new Array<number>(4).fill(1), 4, 4]
    expect(metric.value([...sums, ...sums, 1, 2, 1, 4], 1)).toBe(100 * (0.25 + 0.25 + 0.125 + 0.0625))
  })

  it('is 100 for a text against itself when data flow in it, and 75 when none does', async () => {
    const metric = await metricById('codeBleu-java')
    const value = (code: string): number => metric.value(metric.statistics(code, [code])!, 1)
    expect(value('int f ( int a ) { int b = a ; return b ; }')).toBeCloseTo(100, 10)
    expect(value('void f ( ) { }')).toBeCloseTo(75, 10)
  })

  it('gives a blank prediction 0', async () => {
    const metric = await metricById('codeBleu')
    expect(metric.value(metric.statistics('', ['int F(int a){int b = a;return b;}'])!, 1)).toBe(0)
  })

  it('ends for code nested beyond all sense', async () => {
    const metric = await metricById('codeBleu')
    for (const code of [
      'while (a) '.repeat(80),
      '('.repeat(3000),
      'if (a) {'.repeat(2000),
      'x = '.repeat(2000),
    ])
      expect(metric.statistics(code, ['int F(){int a = 1;return a;}'])!.length).toBe(24)
  })

  it('gives the same counts again, also for code with mistakes', async () => {
    const metric = await metricById('codeBleu')
    const codes = ['public A(): base(x){y = z;}', 'int f({', 'public B(int a): base(a){b = a;c = b;}']
    const once = codes.map((code) => metric.statistics(code, codes))
    expect(codes.toReversed().map((code) => metric.statistics(code, codes))).toEqual(once.toReversed())
  })

  it('names its grammar, whose version the value depends on', async () => {
    expect((await metricById('codeBleu')).source).toContain('tree-sitter-c-sharp 0.23.5')
  })
})

describe('stripComments', () => {
  it('takes out comments and blank lines, but nothing inside a literal', () => {
    expect(stripComments('a = "//x"; // gone\n\n/* also\ngone */ b = \'"\'; /* c */d')).toBe(
      'a = "//x";  \n  b = \'"\';  d',
    )
  })
})
