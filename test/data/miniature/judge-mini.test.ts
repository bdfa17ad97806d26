import {readFileSync} from 'node:fs'
import {fileURLToPath} from 'node:url'
import {describe, expect, it} from 'vitest'
import {codePieces} from '../../../src/data/miniature/code-pieces.ts'
import {judgeMini} from '../../../src/data/miniature/judge-mini.ts'
import {markedPair} from '../../../src/data/miniature/mark-words.ts'

type Row = Readonly<
  Record<'statement' | 'text' | 'label' | 'kind' | 'markedStatement' | 'markedText' | 'paraphrase', string>
>
const shipped = (split: string): Row[] =>
  readFileSync(
    fileURLToPath(new URL(`../../../data/miniature/judge-mini/${split}.jsonl`, import.meta.url)),
    'utf8',
  )
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Row)
const test = shipped('test')
const namesIn = (text: string): string[] => text.match(/(?<=[a-z,] )[A-Z][a-z]+/g) ?? []

describe('judge-mini', () => {
  it('supports about half of the statements, of each kind and of all', () => {
    const share = (rows: readonly Row[]): number =>
      rows.filter(({label}) => label === 'yes').length / rows.length
    expect(Math.abs(share(test) - 0.5)).toBeLessThan(0.05)
    for (const kind of new Set(test.map((row) => row.kind))) {
      const rows = test.filter((row) => row.kind === kind)
      expect(rows.length, kind).toBeGreaterThan(40)
      expect(Math.abs(share(rows) - 0.5), kind).toBeLessThan(0.25)
    }
  })

  it('names nobody in train whom test names', () => {
    const facts = (rows: readonly Row[]): string[] =>
      rows
        .filter(({kind}) => /^(fact|passage|summary)-(?!denied)/.test(kind))
        .flatMap(({text}) => namesIn(text))
    const train = new Set(facts(shipped('train')))
    expect(facts(test).filter((name) => train.has(name))).toEqual([])
  })

  it('cannot be told from the statement alone: each kind says the same things with both verdicts', () => {
    const length = (label: string): number => {
      const rows = test.filter((row) => row.label === label)
      return rows.reduce((sum, {statement}) => sum + statement.length, 0) / rows.length
    }
    expect(length('yes') / length('no')).toBeGreaterThan(0.9)
    expect(length('yes') / length('no')).toBeLessThan(1.1)
  })

  it('supports a statement of code exactly where the code has it', () => {
    for (const {kind, statement, text, label} of test)
      if (kind.startsWith('code')) expect(text.includes(statement), statement).toBe(label === 'yes')
  })

  it('says of a short answer that it is supported exactly where the text has its value', () => {
    const bare = (text: string): string =>
      text.replace(/^(in|It is|The answer is|That would be) /, '').replace(/\.$/, '')
    for (const {kind, statement, text, label} of test)
      if (kind.startsWith('answer')) expect(bare(statement) === bare(text), statement).toBe(label === 'yes')
  })

  it('carries the marks that the judge makes anew', () => {
    for (const {statement, text, markedStatement, markedText} of test)
      expect({statement: markedStatement, text: markedText}).toEqual(markedPair(statement, text))
  })

  it('does not depend on how many rows are made', () => {
    expect(judgeMini('dev', 1, 7)).toEqual(judgeMini('dev', 1, 7))
    expect(judgeMini('dev', 1, 7)).not.toEqual(judgeMini('dev', 2, 7))
  })
})

describe('marks', () => {
  it.each([
    ['In Ashport.', 'Ashport', '~ In Ashport~ .', 'Ashport'],
    ['94,000', '94,100', '~ 94,000', '~ 94,100'],
    ['The lamp', 'the LAMP', 'The lamp', 'the LAMP'],
    ['a b', 'b a', 'a ^ b', 'b ^ a'],
    ['lock (user)', 'lock (state); user', 'lock (^ user^ )', 'lock (~ state)~ ; user'],
  ])('of %j beside %j', (statement, text, ours, theirs) => {
    expect(markedPair(statement, text)).toEqual({statement: ours, text: theirs})
  })

  it('takes out those that were there, so that nobody can bring their own', () => {
    expect(markedPair('~ Ashport ^', 'Ashport')).toEqual({statement: 'Ashport', text: 'Ashport'})
  })
})

it('splits code at its statements and keeps strings whole', () => {
  expect(codePieces('int F(int a) { String s = "a;{b}"; return a; }')).toEqual([
    'int F(int a) {',
    'String s = "a;{b}";',
    'return a;',
  ])
})
