import {open, readFile, writeFile} from 'node:fs/promises'
import {join} from 'node:path'
import {expect, it} from 'vitest'
import {appendLines, keepBytes} from '../../src/store/append-lines.ts'
import {newFolder} from './sample-runs.ts'

it('appends lines behind what is kept', async () => {
  const file = join(await newFolder(), 'a.jsonl')
  await writeFile(file, '{"a":1}\n{"a":')
  const handle = await open(file, 'a')
  await keepBytes(handle, 8)
  await appendLines(handle, file, ['{"a":2}\n', '{"a":3}\n'])
  await handle.close()
  expect(await readFile(file, 'utf8')).toBe('{"a":1}\n{"a":2}\n{"a":3}\n')
})

it('names the file that cannot be written, and says that what is there is kept', async () => {
  const file = join(await newFolder(), 'a.jsonl')
  await writeFile(file, '')
  const handle = await open(file, 'r')
  await expect(appendLines(handle, file, ['{}\n'])).rejects.toMatchObject({
    code: 'run-write',
    message: expect.stringContaining(`${file} cannot be written (E`),
    hint: expect.stringContaining('what was written before is kept'),
  })
  await handle.close()
})
