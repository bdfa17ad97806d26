import {appendFile, mkdtemp, readFile, writeFile} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {describe, expect, it} from 'vitest'
import {BenchFile, readBenchRecords} from '../../src/store/bench-file.ts'
import type {BenchRecord} from '../../src/store/bench-record.ts'

const MISSING: BenchRecord = {
  kind: 'missing',
  model: 'a',
  setting: 'prefix-cache',
  batch: 1,
  inputTokens: 8,
  outputTokens: 2,
  why: 'not possible',
}

async function newFolder(): Promise<string> {
  return mkdtemp(join(tmpdir(), 'slm-bench-file-'))
}

async function readAll(folder: string): Promise<BenchRecord[]> {
  const records: BenchRecord[] = []
  for await (const record of readBenchRecords(folder)) records.push(record)
  return records
}

describe('bench.jsonl', () => {
  it('keeps whole lines and cuts off one that was half written', async () => {
    const folder = await newFolder()
    const first = await BenchFile.open(folder)
    await first.append(MISSING, {...MISSING, batch: 2})
    await first.close()
    const whole = await readFile(join(folder, 'bench.jsonl'), 'utf8')
    await appendFile(join(folder, 'bench.jsonl'), '{"kind":"missing","mod')
    expect(await readAll(folder)).toEqual([MISSING, {...MISSING, batch: 2}])
    const second = await BenchFile.open(folder)
    expect(second.records).toEqual([MISSING, {...MISSING, batch: 2}])
    await second.close()
    expect(await readFile(join(folder, 'bench.jsonl'), 'utf8')).toBe(whole)
  })

  it('refuses a line that is no record, with its number', async () => {
    const folder = await newFolder()
    await writeFile(join(folder, 'bench.jsonl'), `${JSON.stringify(MISSING)}\n{"kind":"sample"}\n`)
    await expect(readAll(folder)).rejects.toMatchObject({
      code: 'run-damaged',
      message: expect.stringMatching(/bench\.jsonl:2: is not a record of a benchmark \(kind sample\)$/),
    })
  })
})
