import {readFileSync} from 'node:fs'
import {fileURLToPath} from 'node:url'
import {describe, expect, it} from 'vitest'
import {MINIATURE_SPLITS, type MiniatureSplit} from '../../../src/data/miniature/miniature.ts'
import {MINIATURES, miniatureText, SHIPPED_SEED} from '../../../src/data/miniature/write-miniatures.ts'
import {rougeL} from '../../../src/metrics/rouge-l.ts'

const names = Object.keys(MINIATURES)
const shipped = (name: string, split: MiniatureSplit): string =>
  readFileSync(
    fileURLToPath(new URL(`../../../data/miniature/${name}/${split}.jsonl`, import.meta.url)),
    'utf8',
  )

type Row = Readonly<Record<string, string>> & {
  readonly answers: readonly string[]
  readonly essays: readonly string[]
}
const rows = (name: string, split: MiniatureSplit): Row[] =>
  shipped(name, split)
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Row)

const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length
/** Words that begin with a capital inside a text: names, and little else. */
const namesIn = (text: string): string[] => text.match(/(?<=[a-z,] )[A-Z][a-z]+/g) ?? []

describe.each(names)('%s', (name) => {
  it('comes with the files that its generator writes, byte for byte', () => {
    for (const split of MINIATURE_SPLITS) {
      const lines = shipped(name, split).split('\n')
      const first = miniatureText(name, split, SHIPPED_SEED, 30)
      expect(`${lines.slice(0, 30).join('\n')}\n`).toBe(first)
    }
  })

  it('gives other rows for another seed and another split', () => {
    const first = miniatureText(name, 'test', 1, 3)
    expect(miniatureText(name, 'test', 2, 3)).not.toBe(first)
    expect(miniatureText(name, 'dev', 1, 3)).not.toBe(first)
    expect(miniatureText(name, 'test', 1, 9).startsWith(first)).toBe(true)
  })

  it('has ids of its own and no row of test in train', () => {
    const all = MINIATURE_SPLITS.flatMap((split) => rows(name, split))
    expect(new Set(all.map(({id}) => id)).size).toBe(all.length)
    expect(all.every(({id}) => id?.startsWith(`${name}-`))).toBe(true)
    const content = ({id, ...rest}: Row): string => JSON.stringify(rest)
    const train = new Set(rows(name, 'train').map(content))
    expect(rows(name, 'test').filter((row) => train.has(content(row)))).toEqual([])
  })

  it('keeps phrases from training and has them in about a fifth of test', () => {
    expect(rows(name, 'train').filter(({paraphrase}) => paraphrase === 'held-out')).toEqual([])
    const share = mean(rows(name, 'test').map(({paraphrase}) => (paraphrase === 'held-out' ? 1 : 0)))
    expect(share).toBeGreaterThan(0.14)
    expect(share).toBeLessThan(0.26)
  })
})

describe('squad-mini', () => {
  const test = rows('squad-mini', 'test')
  const answered = test.filter(({answers}) => answers.length > 0)

  it('answers with a span of its passage, which stands there once', () => {
    for (const {answers, context} of answered)
      expect(context?.split(new RegExp(`\\b${answers[0]}\\b`)).length, context).toBe(2)
  })

  it('names nobody in train whom test names', () => {
    const train = new Set(rows('squad-mini', 'train').flatMap(({context}) => namesIn(context ?? '')))
    expect(test.flatMap(({context}) => namesIn(context ?? '')).filter((one) => train.has(one))).toEqual([])
  })

  it('asks mostly what the relation alone does not answer', () => {
    const byRelation = mean(answered.map((row) => 1 / Number(row['candidates'])))
    expect(byRelation).toBeLessThan(0.5)
    expect(answered.length / test.length).toBeGreaterThan(0.6)
    expect(answered.length / test.length).toBeLessThan(0.72)
  })
})

describe('xsum-mini', () => {
  it('cannot be solved by copying the first sentence, nor is one phrase the only right one', () => {
    const test = rows('xsum-mini', 'test')
    const score = (text: (row: Row) => string): number =>
      mean(test.map((row) => rougeL(text(row), row['summary'] ?? '', false).f))
    expect(score((row) => row['document']?.split('. ')[0] ?? '')).toBeLessThan(0.12)
    expect(score((row) => row['paraphrased'] ?? '')).toBeGreaterThan(0.35)
  })
})

describe('codex-mini', () => {
  const test = rows('codex-mini', 'test')

  it('is never solved by copying, and says the same in both languages', () => {
    expect(test.filter(({java, cs}) => java === cs)).toEqual([])
    const braces = (text = ''): number => text.split('{').length
    expect(test.filter(({java, cs}) => braces(java) !== braces(cs))).toEqual([])
  })

  it('leaves no word of Java in its C#', () => {
    const java =
      /\b(String|boolean|final|throws|instanceof|synchronized|System\.out|entrySet|\w+\.(size|isEmpty|charAt|put)\()/
    expect(test.filter(({cs}) => java.test(cs ?? ''))).toEqual([])
    expect(test.filter(({java: text}) => java.test(text ?? '')).length).toBeGreaterThan(450)
  })
})

describe('ielts-mini', () => {
  it('has one essay in train and three different ones in test', () => {
    expect(rows('ielts-mini', 'train').every(({essays}) => essays.length === 1)).toBe(true)
    const test = rows('ielts-mini', 'test')
    expect(mean(test.map(({essays}) => new Set(essays).size))).toBeGreaterThan(2.95)
  })
})
