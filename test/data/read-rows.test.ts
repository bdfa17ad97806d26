import {mkdtempSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {fileURLToPath} from 'node:url'
import fc from 'fast-check'
import {afterAll, describe, expect, it} from 'vitest'
import {type DataFiles, readRows} from '../../src/data/read-rows.ts'
import type {SourceRow} from '../../src/data/source-row.ts'

const fixture = (name: string): string => fileURLToPath(new URL(`../fixtures/data/${name}`, import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'slm-rows-'))
afterAll(() => rmSync(folder, {recursive: true}))

async function all(...paths: string[]): Promise<SourceRow[]> {
  return collect({kind: 'rows', paths})
}

async function collect(data: DataFiles): Promise<SourceRow[]> {
  const rows: SourceRow[] = []
  for await (const row of readRows(data)) rows.push(row)
  return rows
}

const values = (rows: readonly SourceRow[]): unknown[] =>
  rows.map((row) => (row.kind === 'row' ? row.values : row))

function written(name: string, text: string | Buffer): string {
  const path = join(folder, name)
  writeFileSync(path, text)
  return path
}

describe('the official SQuAD files', () => {
  it('give the rows of the hub’s Parquet files, snappy and zstd, over several row groups', async () => {
    const json = values(await all(fixture('squad/v2.json')))
    expect(json).toHaveLength(18)
    expect(values(await all(fixture('squad/v2.snappy.parquet')))).toEqual(json)
    expect(values(await all(fixture('squad/v2.zstd.parquet')))).toEqual(json)
  })

  it('keep an unanswerable question with no answer, whatever plausible answers it carries', async () => {
    const rows = await all(fixture('squad/v2.json'))
    const empty = rows.filter(
      (row) => row.kind === 'row' && (row.values['answers'] as {text: []}).text.length === 0,
    )
    expect(empty).toHaveLength(6)
  })

  it('read version 1.1, which has no is_impossible', async () => {
    const rows = await all(fixture('squad/v1.json'))
    expect(rows).toHaveLength(4)
    expect(rows[0]).toMatchObject({
      position: 'v1.json:1',
      values: {
        question: 'In what country is Normandy located?',
        answers: {text: ['France', 'France', 'France', 'France']},
      },
    })
  })

  it('count a broken paragraph and a broken question as bad rows and go on', async () => {
    const data = [
      {
        title: 't',
        paragraphs: [{context: 'c'}, {context: 'c', qas: [7, {id: 'a', question: 'q', answers: []}]}],
      },
    ]
    const rows = await all(written('broken.json', JSON.stringify({version: 'x', data})))
    expect(rows.map(({kind, position}) => [kind, position])).toEqual([
      ['bad', 'broken.json:1'],
      ['bad', 'broken.json:2'],
      ['row', 'broken.json:3'],
    ])
  })
})

describe('rows of the other sets', () => {
  it('are the same from Parquet and JSONL', async () => {
    const lines = values(await all(fixture('xsum/synthetic.jsonl')))
    expect(lines).toHaveLength(5)
    expect(values(await all(fixture('xsum/synthetic.parquet')))).toEqual(lines)
  })

  it('are the same from Parquet and CSV, line breaks and quotes inside fields included', async () => {
    const lines = values(await all(fixture('ielts/synthetic.csv')))
    expect(lines).toHaveLength(3)
    expect(lines[0]).toMatchObject({
      prompt: 'Some people like "short" tests, others do not.\nDiscuss test 0.',
    })
    expect(lines[0]).toMatchObject({essay: 'Tests, short or long, are made.\r\n\r\nTest 0 is one of them.'})
    expect(values(await all(fixture('ielts/synthetic.parquet')))).toEqual(lines)
  })

  it('pair line n of one file with line n of the other, CRLF or not', async () => {
    const pair = (java: string, cs: string): DataFiles => ({
      kind: 'pairs',
      files: [
        {path: fixture(java), column: 'java'},
        {path: fixture(cs), column: 'cs'},
      ],
    })
    const rows = await collect(pair('codex/head.java-cs.txt.java', 'codex/head.java-cs.txt.cs'))
    expect(rows).toHaveLength(8)
    expect(rows[0]).toEqual({
      kind: 'row',
      number: 0,
      position: 'head.java-cs.txt.java:1',
      values: {
        java: 'public void serialize(LittleEndianOutput out) {out.writeShort(field_1_vcenter);}',
        cs: 'public override void Serialize(ILittleEndianOutput out1){out1.WriteShort(field_1_vcenter);}',
      },
    })
    const crlf = await collect(pair('codex/crlf.java', 'codex/crlf.cs'))
    expect(values(crlf)).toEqual(values(rows.slice(0, 3)))
    await expect(collect(pair('codex/head.java-cs.txt.java', 'codex/crlf.cs'))).rejects.toThrow(
      'head.java-cs.txt.java has 8 lines, crlf.cs has 3',
    )
  })

  it('number on over several files', async () => {
    const rows = await all(fixture('xsum/synthetic.jsonl'), fixture('xsum/synthetic.parquet'))
    expect(rows.map((row) => row.kind === 'row' && row.number)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
  })
})

describe('broken rows', () => {
  it('of JSONL are yielded with their line, and the rest is read', async () => {
    const bytes = Buffer.concat([
      Buffer.from('{"a":1}\n{"a":\n\n[1]\n'),
      Buffer.from([0x22, 0xff, 0x22, 10]),
      Buffer.from('{"a":2}'),
    ])
    const rows = await all(written('rows.jsonl', bytes))
    expect(rows.map(({kind, position}) => `${kind} ${position}`)).toEqual([
      'row rows.jsonl:1',
      'bad rows.jsonl:2',
      'bad rows.jsonl:4',
      'bad rows.jsonl:5',
      'row rows.jsonl:6',
    ])
  })

  it('of CSV are yielded with their line, and the rest is read', async () => {
    const rows = await all(written('rows.csv', 'a,b\n1,2\n3\n4,5,6\n7,"8\n9"\n'))
    expect(rows).toMatchObject([
      {kind: 'row', values: {a: '1', b: '2'}},
      {kind: 'bad', position: 'rows.csv:3', error: 'has 1 fields where the first line has 2'},
      {kind: 'bad', position: 'rows.csv:4'},
      {kind: 'row', values: {a: '7', b: '8\n9'}},
    ])
  })

  it('of CSV are not made by a stray quote, which is text, but by one that is never closed', async () => {
    const rows = await all(written('stray.csv', 'a,b\n1,2\n"x"y,3\n4,5\n6,"7\n8\n9,9'))
    expect(rows).toMatchObject([
      {kind: 'row', values: {a: '1'}},
      {kind: 'row', values: {a: '"x"y', b: '3'}},
      {kind: 'row', values: {a: '4', b: '5'}},
      {kind: 'bad', position: 'stray.csv:7'},
    ])
  })

  it('of a JSON array are bad elements, and the rest is read', async () => {
    const rows = await all(written('rows.json', '[{"a":1}, {"a":tru}, 5,\n{"a":"]},{"}]'))
    expect(rows).toMatchObject([
      {kind: 'row'},
      {kind: 'bad', position: 'rows.json:2'},
      {kind: 'bad'},
      {kind: 'row', values: {a: ']},{'}},
    ])
  })
})

describe('a file that is not what it says', () => {
  it.each([
    ['cut.parquet', 'PAR1 and nothing else', 'not a Parquet file'],
    ['empty.jsonl', '', 'is empty'],
    ['cut.json', '[{"a":1},{"a"', 'it ends early'],
    ['other.json', '{"rows": [1]}', 'neither an array nor'],
    ['word.json', 'hello', 'not in a format'],
    ['noise.csv', Buffer.from([0, 1, 2, 44, 0, 10]), 'binary'],
    ['head.csv', 'a,a\n1,2\n', 'twice'],
  ])('%s is one error', async (name, text, message) => {
    await expect(all(written(name, text))).rejects.toThrow(message)
  })

  it('is recognised by its content when its name says nothing, or .json', async () => {
    expect(values(await all(written('lines.json', '{"a":1}\n{"a":2}\n')))).toEqual([{a: 1}, {a: 2}])
    expect(values(await all(written('one-line.json', '{"data":[{"a":1}]}\n')))).toEqual([{a: 1}])
    expect(values(await all(written('table.txt', 'a,b\n1,2\n')))).toEqual([{a: '1', b: '2'}])
    expect(values(await all(written('marked.json', '\ufeff [ ]')))).toEqual([])
  })
})

it('splits lines at line feeds alone: U+2028 and a single CR stay inside a row', async () => {
  const rows = await all(written('separators.jsonl', '{"a":"x\u2028y\u2029"}\r\n{"a":"z"}\n'))
  expect(values(rows)).toEqual([{a: 'x\u2028y\u2029'}, {a: 'z'}])
})

it('reads back any rows from JSON, JSON under "data" and JSONL alike', async () => {
  const row = fc.dictionary(
    fc.string().filter((key) => key !== '__proto__'),
    fc.oneof(fc.string({unit: 'binary'}), fc.integer(), fc.array(fc.string())),
  )
  const wellFormed = fc
    .array(row, {minLength: 1, maxLength: 5})
    .filter((rows) => !/\p{Surrogate}/u.test(rows.map((row) => Object.entries(row).join()).join()))
  await fc.assert(
    fc.asyncProperty(wellFormed, fc.constantFrom(0, 1, 2), async (rows, indent) => {
      expect(values(await all(written('any.json', JSON.stringify(rows, null, indent))))).toEqual(rows)
      const nested = JSON.stringify({version: '[data', data: rows, end: [1]}, null, indent)
      expect(values(await all(written('any-data.json', nested)))).toEqual(rows)
      expect(
        values(await all(written('any.jsonl', rows.map((row) => JSON.stringify(row)).join('\n')))),
      ).toEqual(rows)
    }),
    {numRuns: 60},
  )
})

it('reads rows that cross the chunks in which a file is read', async () => {
  const rows = Array.from({length: 9}, (_, place) => ({a: `${'é"\\[{'.repeat(20_000)}${place}`}))
  expect(
    values(await all(written('long.json', JSON.stringify({padding: 'x'.repeat(300_000), data: rows})))),
  ).toEqual(rows)
  expect(values(await all(written('long.jsonl', rows.map((row) => JSON.stringify(row)).join('\n'))))).toEqual(
    rows,
  )
})
