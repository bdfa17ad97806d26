import {copyFileSync, mkdtempSync, readFileSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {describe, expect, it} from 'vitest'
import {carriedDataFolder, carriedFiles} from '../../src/tasks/carried-data.ts'
import {loadTask} from '../../src/tasks/load-task.ts'
import {locateData} from '../../src/tasks/locate-data.ts'
import {pullTask} from '../../src/tasks/pull-task.ts'
import {samplesOf} from '../../src/tasks/read-samples.ts'

const empty = (): string => mkdtempSync(join(tmpdir(), 'slm-carried-'))

describe('the test pairs of CodeXGLUE', () => {
  it.each(['codex', 'codex-cs-java'])('come with the program: %s needs no download', async (name) => {
    const task = await loadTask(name)
    const located = await locateData(task, {cacheFolder: empty()})
    expect(located).toMatchObject({from: 'shipped', split: 'test'})
    let rows = 0
    for await (const {kind} of samplesOf(task, located)) rows += kind === 'row' ? 1 : 0
    expect(rows).toBe(1000)
    expect(await pullTask({task: name, cacheFolder: empty()})).toMatchObject({kind: 'shipped', files: []})
  })

  it('are not taken from a copy with other bytes', async () => {
    const {source} = await loadTask('codex')
    const wanted = source.splits['test']!
    const folder = empty()
    const names = ['test.java-cs.txt.java', 'test.java-cs.txt.cs']
    for (const name of names) copyFileSync(join(carriedDataFolder(), 'codexglue', name), join(folder, name))
    expect(await carriedFiles(folder, wanted)).toEqual(names.map((name) => join(folder, name)))
    const [first] = names
    const windows = readFileSync(join(folder, first!), 'utf8').replaceAll('\n', '\r\n')
    writeFileSync(join(folder, first!), windows)
    expect(await carriedFiles(folder, wanted)).toBeUndefined()
    expect(await carriedFiles(join(folder, 'nowhere'), wanted)).toBeUndefined()
  })

  it('are all that comes: the training pairs are to be pulled', async () => {
    const task = await loadTask('codex')
    await expect(locateData(task, {split: 'train', cacheFolder: empty()})).rejects.toMatchObject({
      hint: expect.stringContaining('slm data pull codex --split train'),
    })
  })
})
