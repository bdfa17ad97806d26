import {appendFile, readFile, rm, truncate} from 'node:fs/promises'
import {join} from 'node:path'
import fc from 'fast-check'
import {describe, expect, it} from 'vitest'
import {evaluate} from '../../src/eval/evaluate.ts'
import {configFor, optionsFor, type Row, taskFolder} from './fake-checkpoint.ts'

const ROWS: Row[] = Array.from({length: 40}, (_, row) => ({
  id: `r${row}`,
  text: `${'a'.repeat((row * 7) % 13)} b${row}`,
  answer: row % 3 === 0 ? `b${row}` : 'c',
}))

const samples = (folder: string): Promise<string> => readFile(join(folder, 'samples.jsonl'), 'utf8')
const withoutTiming = (text: string): string => text.replaceAll(/,"timing":\{[^}]*\}/g, '')

describe('evaluate', () => {
  it('scores every row once, longest prompt first, and sums up from the records', async () => {
    const folder = await taskFolder(ROWS)
    const {folder: run, summary} = await evaluate(configFor(folder), await optionsFor())
    const records = (await samples(run))
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
    expect(records).toHaveLength(80)
    const lengths = records.slice(0, 40).map(({promptIds}) => promptIds.length)
    expect(lengths).toEqual([...lengths].sort((a, b) => b - a))
    expect(summary.tasks[0]).toMatchObject({
      task: 'one',
      planned: 40,
      scored: 40,
      failed: {total: 0},
      finish: {'end-token': 40, 'stop-string': 0, length: 0},
      metrics: {exact: {count: 40}},
    })
  })

  it('keeps a row that cannot be read, prompted or decoded as a failed record with its stage', async () => {
    const rows: Row[] = [...ROWS.slice(0, 5), {id: 'no-text', answer: 'c'}, {id: 'x', text: 'X', answer: 'c'}]
    const folder = await taskFolder(rows)
    const {folder: run, summary} = await evaluate(
      configFor(folder, {truncation: 'error'}),
      await optionsFor(undefined, {contextLength: 16 + 14}),
    )
    const failed = (await samples(run))
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
      .filter(({status, task}) => status === 'failed' && task === 'one')
    expect(failed.map(({stage}) => stage).sort()).toEqual(['data', 'decode', 'prompt', 'prompt'])
    expect(summary.tasks[0]).toMatchObject({
      planned: 7,
      scored: 3,
      failed: {total: 4, data: 1, prompt: 2, decode: 1, score: 0},
      notes: ['4 of 7 samples failed (data 1, prompt 2, decode 1) and are in no metric'],
    })
  })

  it('counts prompts that were cut', async () => {
    const folder = await taskFolder([{id: 'long', text: 'a'.repeat(100), answer: 'a'}])
    const {summary} = await evaluate(configFor(folder), await optionsFor())
    expect(summary.tasks[0]).toMatchObject({truncated: {rows: 1, tokens: 100 + 6 - 48}})
  })

  it('throws `interrupted` with exit code 130 after the group in which it was asked to stop', async () => {
    const folder = await taskFolder(ROWS)
    const options = await optionsFor(2)
    await expect(evaluate(configFor(folder), options)).rejects.toMatchObject({
      code: 'interrupted',
      exit: 130,
      message: 'interrupted after 16 of 80 samples, all of them kept',
    })
  })

  it('plans pools of 1024 rows one by one, and passes over those that are done', async () => {
    const rows = Array.from({length: 1030}, (_, row) => ({
      id: `r${row}`,
      text: 'a'.repeat(row % 5),
      answer: 'a',
    }))
    const config = configFor(await taskFolder(rows), {batchSize: 64})
    const options = await optionsFor(2)
    const one = {...config, tasks: config.tasks.slice(0, 1)}
    await expect(evaluate(one, options)).rejects.toMatchObject({
      message: 'interrupted after 1024 of 1030 samples, all of them kept',
    })
    const {folder: run} = await evaluate(one, {...options, signal: new AbortController().signal})
    const records = (await samples(run))
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
    expect(records.slice(1020).map(({index, promptIds}) => [index, promptIds.length])).toEqual([
      [1005, 6],
      [1010, 6],
      [1015, 6],
      [1020, 6],
      [1024, 10],
      [1029, 10],
      [1028, 9],
      [1027, 8],
      [1026, 7],
      [1025, 6],
    ])
  })

  it('only reads a run that is finished', async () => {
    const folder = await taskFolder(ROWS)
    const options = await optionsFor()
    const first = await evaluate(configFor(folder), options)
    options.events.length = 0
    const again = await evaluate(configFor(folder), options)
    expect(again.summary).toEqual(first.summary)
    expect(options.events.map(({kind}) => kind)).toEqual(['opening', 'opened'])
  })

  it('refuses samples that another program put into the folder', async () => {
    const folder = await taskFolder(ROWS)
    const options = await optionsFor()
    const {folder: run} = await evaluate(configFor(folder), options)
    await rm(join(run, 'summary.json'))
    const lines = await samples(run)
    await appendFile(join(run, 'samples.jsonl'), lines.slice(0, lines.indexOf('\n') + 1))
    await expect(evaluate(configFor(folder), options)).rejects.toMatchObject({code: 'run-damaged'})
  })

  it('ends in the same bytes wherever it was stopped or cut, with any batch size', async () => {
    const folder = await taskFolder(ROWS)
    const whole = await evaluate(configFor(folder), await optionsFor())
    const bytes = await samples(whole.folder)
    await fc.assert(
      fc.asyncProperty(
        fc.integer({min: 1, max: 9}),
        fc.nat({max: Buffer.byteLength(bytes)}),
        fc.constantFrom(1, 2, 3, 'auto'),
        async (groups, cut, batchSize) => {
          const options = await optionsFor(groups)
          await evaluate(configFor(folder), options).catch(() => undefined)
          const run = join(options.resultsDir, whole.folder.split('/').at(-1) ?? '')
          const size = Buffer.byteLength(await samples(run))
          await truncate(join(run, 'samples.jsonl'), Math.min(size, cut))
          const again = await evaluate(configFor(folder, {batchSize}), {
            ...options,
            signal: new AbortController().signal,
          })
          expect(withoutTiming(await samples(again.folder))).toBe(withoutTiming(bytes))
          expect(await readFile(join(again.folder, 'summary.json'), 'utf8')).toBe(
            await readFile(join(whole.folder, 'summary.json'), 'utf8'),
          )
        },
      ),
      {numRuns: 12},
    )
  })
})
