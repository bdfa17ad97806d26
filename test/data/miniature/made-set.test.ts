import {mkdtempSync, readdirSync, readFileSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {fileURLToPath} from 'node:url'
import {describe, expect, it} from 'vitest'
import {type MadeSetOptions, madeRows, writeMadeSet} from '../../../src/data/miniature/made-set.ts'
import {loadTask} from '../../../src/tasks/load-task.ts'
import {readSamples} from '../../../src/tasks/read-samples.ts'

const SQUAD: MadeSetOptions = {set: 'squad-mini', split: 'train', seed: 7, rows: 400}
const JOINED: MadeSetOptions = {...SQUAD, questions: [1, 4], facts: [2, 3]}
const folder = (): string => mkdtempSync(join(tmpdir(), 'slm-made-'))
const texts = (options: MadeSetOptions, column: string): string[] =>
  [...madeRows(options)].map((row) => String(row[column]))
const namesIn = (text: string): string[] => text.match(/(?<=[a-z,] )[A-Z][a-z]+/g) ?? []

describe('a made set', () => {
  it('gives equal bytes for equal options, and the first rows of a longer one', async () => {
    const [one, two, longer] = ['one.jsonl', 'two.jsonl', 'longer.jsonl'].map((name) => join(folder(), name))
    const made = await writeMadeSet(one!, JOINED)
    expect(await writeMadeSet(two!, JOINED)).toEqual({...made, path: two})
    await writeMadeSet(longer!, {...JOINED, rows: 500})
    expect(readFileSync(longer!, 'utf8').startsWith(readFileSync(one!, 'utf8'))).toBe(true)
    expect(made.bytes).toBe(readFileSync(one!).length)
  })

  it.each(['squad-mini', 'xsum-mini', 'codex-mini', 'ielts-mini'])(
    'of %s is read by its task, every row, for seeds together',
    async (set) => {
      const into = folder()
      for (const seed of [7, 8])
        await writeMadeSet(join(into, `${seed}.jsonl`), {set, split: 'train', seed, rows: 30})
      const data = `${join(into, '7.jsonl')},${join(into, '8.jsonl')}`
      const kinds: string[] = []
      for await (const {kind} of readSamples(await loadTask(set), {data})) kinds.push(kind)
      expect(kinds).toEqual(Array.from({length: 60}, () => 'row'))
    },
  )

  it('shares no name with the shipped test rows, and no passage with the shipped training rows', () => {
    const shipped = (split: string): string =>
      readFileSync(
        fileURLToPath(new URL(`../../../data/miniature/squad-mini/${split}.jsonl`, import.meta.url)),
        'utf8',
      )
    const contexts = texts(JOINED, 'context')
    const tested = new Set(namesIn(shipped('test')))
    expect(contexts.flatMap(namesIn).filter((one) => tested.has(one))).toEqual([])
    const train = shipped('train')
    expect(contexts.filter((context) => train.includes(context))).toEqual([])
  })

  it('asks several questions of a passage at once and answers each in its order', () => {
    const rows = [...madeRows({...JOINED, questions: [3, 3], facts: [4, 8]})]
    for (const row of rows) {
      expect(String(row['question']).split('? ').length).toBe(3)
      const answers = String(row['answers']).split(' ; ')
      expect(answers.length).toBe(3)
      for (const [place, answer] of answers.entries()) {
        const isAnswered = ['shared', 'single'].includes((row['kinds'] as readonly string[])[place]!)
        expect(answer === 'unanswerable').toBe(!isAnswered)
        if (isAnswered) expect(row['context']).toContain(answer)
      }
    }
  })

  it('has as many facts as wanted', () => {
    expect(new Set(texts(JOINED, 'facts'))).toEqual(new Set(['2', '3']))
    expect(new Set(texts({...SQUAD, facts: [8, 8]}, 'facts'))).toEqual(new Set(['8']))
  })

  it.each([
    [{set: 'nope'}, 'there is no miniature "nope"'],
    [{rows: 0}, '--rows 0'],
    [{seed: -1}, '--seed -1'],
    [{set: 'xsum-mini', facts: [2, 3]}, 'xsum-mini has no passages'],
    [{facts: [2, 9]}, '--facts 2-9'],
    [{questions: [4, 2]}, '--questions 4-2'],
    [{split: 'test', questions: [1, 2]}, 'one question each'],
    [{facts: [2, 2], questions: [8, 8]}, 'no passage of 2-2 facts has 8-8 questions'],
  ] as const)('refuses %j and leaves no file', async (wrong, message) => {
    const into = folder()
    await expect(writeMadeSet(join(into, 'x.jsonl'), {...SQUAD, ...wrong})).rejects.toThrow(message)
    expect(readdirSync(into)).toEqual([])
  })

  it('writes over a file only when told to', async () => {
    const path = join(folder(), 'mine.jsonl')
    writeFileSync(path, 'mine')
    await expect(writeMadeSet(path, SQUAD)).rejects.toThrow('is there already')
    expect(readFileSync(path, 'utf8')).toBe('mine')
    expect((await writeMadeSet(path, SQUAD, {replace: true})).rows).toBe(400)
  })
})
