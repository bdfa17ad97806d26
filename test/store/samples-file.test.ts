import {appendFile, readFile, writeFile} from 'node:fs/promises'
import {join} from 'node:path'
import fc from 'fast-check'
import {expect, it} from 'vitest'
import {recordLine} from '../../src/store/record-line.ts'
import {SamplesFile} from '../../src/store/samples-file.ts'
import {failed, newFolder, scored} from './sample-runs.ts'

const records = [scored('first', 1), scored('first', 0), failed('first', 2)]
const whole = records.map(recordLine).join('')

it('writes keys in a fixed order with timing last', () => {
  expect(Object.keys(JSON.parse(recordLine(scored('first', 0)))).join(' ')).toBe(
    'status task id index prompt promptIds newIds text answer references scores finish truncatedTokens timing',
  )
})

it('goes on behind the last whole record, wherever a write was cut off', async () => {
  const file = join(await newFolder(), 'samples.jsonl')
  await fc.assert(
    fc.asyncProperty(fc.nat({max: Buffer.byteLength(whole)}), async (bytes) => {
      await writeFile(file, Buffer.from(whole).subarray(0, bytes))
      const samples = await SamplesFile.open(file)
      await samples.append(records.slice(samples.done.length))
      await samples.close()
      expect(await readFile(file, 'utf8')).toBe(whole)
    }),
    {numRuns: 40},
  )
})

it('keeps only the first records when told so', async () => {
  const file = join(await newFolder(), 'samples.jsonl')
  await writeFile(file, whole)
  const samples = await SamplesFile.open(file)
  await samples.keep(1)
  await samples.append(records.slice(1))
  await samples.keep(2)
  await samples.append(records.slice(2))
  await samples.close()
  expect(await readFile(file, 'utf8')).toBe(whole)
})

it('refuses a broken line that is not the last, by its number', async () => {
  const file = join(await newFolder(), 'samples.jsonl')
  await writeFile(file, recordLine(records[0]!))
  await appendFile(file, `{"status":"sco\n${recordLine(records[1]!)}`)
  await expect(SamplesFile.open(file)).rejects.toThrow(`${file}:2: is not JSON`)
})

it('refuses a line that is no record, naming the field', async () => {
  const file = join(await newFolder(), 'samples.jsonl')
  await writeFile(file, '{"status":"failed","task":"first","id":"a","index":-1}\n')
  await expect(SamplesFile.open(file)).rejects.toThrow(`${file}:1: is not a sample record: index:`)
})
