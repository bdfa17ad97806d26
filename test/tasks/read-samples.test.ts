import {mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {fileURLToPath} from 'node:url'
import {afterAll, describe, expect, it} from 'vitest'
import {loadTask} from '../../src/tasks/load-task.ts'
import {readSamples, type SampleOptions} from '../../src/tasks/read-samples.ts'
import type {RowResult, Task} from '../../src/tasks/task.ts'

const fixture = (name: string): string => fileURLToPath(new URL(`../fixtures/data/${name}`, import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'slm-samples-'))
afterAll(() => rmSync(folder, {recursive: true}))

async function collect(task: Task, options: SampleOptions): Promise<RowResult[]> {
  const results: RowResult[] = []
  for await (const result of readSamples(task, options)) results.push(result)
  return results
}

function written(name: string, text: string): string {
  const path = join(folder, name)
  writeFileSync(path, text)
  return path
}

describe('the four tasks on their own formats', () => {
  it.each([
    ['squad', 'squad/v2.json', 18],
    ['squad', 'squad/v1.json', 4],
    ['squad', 'squad/v2.snappy.parquet', 18],
    ['squad', 'squad/v2.zstd.parquet', 18],
    ['xsum', 'xsum/synthetic.parquet', 5],
    ['xsum', 'xsum/synthetic.jsonl', 5],
    ['ielts', 'ielts/synthetic.csv', 3],
    ['ielts', 'ielts/synthetic.parquet', 3],
    ['codex', 'codex/head.java-cs.txt', 8],
    ['codex-cs-java', 'codex/head.java-cs.txt.java', 8],
  ])('%s reads %s', async (name, file, count) => {
    const results = await collect(await loadTask(name), {data: fixture(file)})
    expect(results.filter(({kind}) => kind === 'row')).toHaveLength(count)
    expect(results).toHaveLength(count)
  })

  it('keep all references of a question, and none of an unanswerable one', async () => {
    const results = await collect(await loadTask('squad'), {data: fixture('squad/v2.json'), limit: 3})
    expect(results.map((result) => result.kind === 'row' && result.row.references)).toEqual([
      ['France', 'France', 'France', 'France'],
      [
        '10th and 11th centuries',
        'in the 10th and 11th centuries',
        '10th and 11th centuries',
        '10th and 11th centuries',
      ],
      [],
    ])
  })

  it('translate codex in both directions, whichever file is named first', async () => {
    const [java, cs] = [fixture('codex/head.java-cs.txt.java'), fixture('codex/head.java-cs.txt.cs')]
    for (const data of [`${java},${cs}`, `${cs}, ${java}`]) {
      const [forth] = await collect(await loadTask('codex'), {data, limit: 1})
      expect(forth).toMatchObject({
        row: {id: '0', fields: {code: expect.stringContaining('void serialize(')}},
      })
      const [back] = await collect(await loadTask('codex-cs-java'), {data, limit: 1})
      expect(back).toMatchObject({row: {fields: {code: expect.stringContaining('void Serialize(')}}})
    }
  })
})

describe('rows that cannot be used', () => {
  it('are bad with their place and the reason, and the rest is read', async () => {
    const good = {id: 'a', document: 'd', summary: 's'}
    const lines = [
      good,
      {...good, id: 'b', summary: undefined},
      {...good, id: 'c', document: [1]},
      good,
      {...good, id: 7},
    ]
    const data = written('bad.jsonl', `${lines.map((line) => JSON.stringify(line)).join('\n')}\nnot json\n`)
    const results = await collect(await loadTask('xsum'), {data})
    expect(
      results.map((result) => (result.kind === 'row' ? result.row.id : `${result.id} ${result.error}`)),
    ).toEqual([
      'a',
      'bad.jsonl:2 the column "summary" is missing (there: id, document)',
      'bad.jsonl:3 "document" or "article" is a list, not a text',
      'bad.jsonl:4 another row has the id a too',
      '7',
      expect.stringContaining('bad.jsonl:6 the line is not JSON'),
    ])
  })

  it('end in one error when they are all there is', async () => {
    await expect(collect(await loadTask('xsum'), {data: fixture('ielts/synthetic.csv')})).rejects.toThrow(
      'no row can be used; synthetic.csv:8: the column "id" is missing (there: prompt, essay, evaluation, band)',
    )
    await expect(collect(await loadTask('xsum'), {data: fixture('ielts/synthetic.parquet')})).rejects.toThrow(
      'prompt, essay',
    )
    await expect(collect(await loadTask('xsum'), {data: written('empty.json', '[]')})).rejects.toThrow(
      'have no rows',
    )
  })

  it('without a reference are bad where every row has to have one', async () => {
    const data = written(
      'none.jsonl',
      '{"id":"a","document":"d","summary":[]}\n{"id":"b","document":"d","summary":""}\n',
    )
    expect(await collect(await loadTask('xsum'), {data})).toMatchObject([
      {kind: 'bad', error: '"summary" is empty: no reference to score against'},
      {kind: 'row'},
    ])
  })
})

describe('a subset', () => {
  it('is the first rows, or a seeded sample where the task says so', async () => {
    const squad = await loadTask('squad')
    const ids = async (task: Task) =>
      (await collect(task, {data: fixture('squad/v2.json'), limit: 4})).map(
        (result) => result.kind === 'row' && result.row.id,
      )
    const seeded: Task = {...squad, subset: {seed: 1}}
    expect((await ids(squad))[0]).toBe('56ddde6b9a695914005b9628')
    expect(await ids(seeded)).toEqual(await ids(seeded))
    expect(await ids(seeded)).not.toEqual(await ids(squad))
  })
})

describe('where data come from', () => {
  it('names the command that pulls them when they are not there', async () => {
    const squad = await loadTask('squad')
    await expect(collect(squad, {cacheFolder: folder})).rejects.toMatchObject({
      code: 'data-missing',
      hint: 'Run "slm data pull squad", or name your copy with --data FILE.',
    })
    await expect(collect(squad, {cacheFolder: folder, split: 'train'})).rejects.toMatchObject({
      hint: expect.stringContaining('slm data pull squad --split train'),
    })
    await expect(collect(squad, {split: 'test'})).rejects.toThrow('has no split "test"')
  })

  it('takes a folder that holds the split’s files, with or without the hub’s folders', async () => {
    const results = await collect(await loadTask('codex'), {
      data: (() => {
        const inner = join(folder, 'copy')
        mkdirSync(inner)
        writeFileSync(join(inner, 'test.java-cs.txt.java'), 'a\n')
        writeFileSync(join(inner, 'test.java-cs.txt.cs'), 'b\n')
        return inner
      })(),
    })
    expect(results).toEqual([{kind: 'row', row: {id: '0', fields: {code: 'a'}, references: ['b']}}])
  })

  it('says what is wrong with a name', async () => {
    const codex = await loadTask('codex')
    await expect(collect(codex, {data: join(folder, 'nothing')})).rejects.toMatchObject({
      hint: expect.stringContaining('a.java,b.cs'),
    })
    await expect(collect(codex, {data: written('lone.java', 'x\n')})).rejects.toThrow('one half of a pair')
    await expect(collect(await loadTask('xsum'), {data: folder})).rejects.toThrow(
      'holds no default/test/*.parquet or */default/test/*.parquet or test/*.parquet',
    )
  })

  it('never follows a link out of the folder of a task', async () => {
    const own = join(folder, 'own')
    mkdirSync(own)
    writeFileSync(join(folder, 'secret.jsonl'), '{"q":"a","a":"b"}\n')
    symlinkSync(join(folder, 'secret.jsonl'), join(own, 'linked.jsonl'))
    const yaml = `{name: own, title: t, version: 1, description: d, origin: o, licence: l, maxNewTokens: 1, metrics: [exact], primary: exact,
      source: {kind: files, splits: {test: [linked.jsonl]}, split: test}, columns: {fields: {q: q}, references: a},
      prompt: {template: "{q}", truncate: {field: q, side: right}}}`
    writeFileSync(join(own, 'own.yaml'), yaml)
    const task = await loadTask(join(own, 'own.yaml'))
    await expect(collect(task, {})).rejects.toMatchObject({code: 'data-outside'})
    rmSync(join(own, 'linked.jsonl'))
    writeFileSync(join(own, 'linked.jsonl'), '{"q":"a","a":"b"}\n')
    expect(await collect(task, {})).toHaveLength(1)
  })
})
