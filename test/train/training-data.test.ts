import {writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {describe, expect, it} from 'vitest'
import {readConfig} from '../../src/config/read-config.ts'
import {trainConfigSchema} from '../../src/config/train-config.ts'
import {openTokenizer} from '../../src/tokenizer/open-tokenizer.ts'
import {readTrainingData} from '../../src/train/training-data.ts'
import {ENC_DEC_NETWORK, tinyTraining} from './tiny-task.ts'

const END = 2

async function read(more: (folder: string) => Readonly<Record<string, unknown>>) {
  const {config, tokenizer} = tinyTraining(ENC_DEC_NETWORK, (folder) => ({
    tasks: [join(folder, 'task.yaml'), join(folder, 'copy.yaml')],
    ...more(folder),
  }))
  const {value} = await readConfig(trainConfigSchema, {file: config, flags: {}})
  return readTrainingData(value, await openTokenizer(tokenizer), END)
}

const sizes = (tasks: readonly {readonly task: string; readonly examples: readonly unknown[]}[] = []) =>
  tasks.map(({task, examples}) => [task, examples.length])

describe('readTrainingData', () => {
  it('takes rows of each task from what is named for it, and from its own otherwise', async () => {
    const {learned, evaluated, easy} = await read((folder) => ({
      data: {copy: join(folder, 'dev.jsonl')},
      split: {backwards: 'dev'},
      evaluation: {split: {copy: 'train'}, limit: 30},
    }))
    expect(sizes(learned)).toEqual([
      ['backwards', 24],
      ['copy', 24],
    ])
    expect(sizes(evaluated)).toEqual([
      ['backwards', 24],
      ['copy', 30],
    ])
    expect(easy).toBeUndefined()
  })

  it('keeps the rows that were named for a task in a curriculum that does not name it', async () => {
    const {learned, easy} = await read((folder) => ({
      data: {copy: join(folder, 'dev.jsonl')},
      curriculum: {steps: 2, split: {backwards: 'dev'}},
    }))
    expect(sizes(learned)).toEqual([
      ['backwards', 48],
      ['copy', 24],
    ])
    expect(sizes(easy)).toEqual([
      ['backwards', 24],
      ['copy', 24],
    ])
  })

  it('counts rows that are too long or cut, and goes on without an error', async () => {
    const {learned} = await read((folder) => {
      const texts = ['abc', 'a'.repeat(30), 'abcdefghij', 'x']
      const rows = texts.map((text, id) => JSON.stringify({id, text, answer: text.slice(0, 12)}))
      writeFileSync(join(folder, 'odd.jsonl'), `${rows.join('\n')}\nnot json\n`)
      return {data: {backwards: join(folder, 'odd.jsonl')}, maxSourceTokens: 8, maxTargetTokens: 12}
    })
    expect(learned[0]).toMatchObject({task: 'backwards', tooLong: 1, bad: 1, cut: 1})
    expect(learned[0]!.examples).toHaveLength(3)
    expect(Math.max(...learned[0]!.examples.map(({source}) => source.length))).toBe(8)
  })

  it('names the task of which nothing is left', async () => {
    await expect(read(() => ({maxTargetTokens: 1}))).rejects.toMatchObject({
      code: 'data-empty',
      message: 'no row of backwards (train) can be used',
    })
  })

  it.each([
    ['data', (folder: string) => ({data: {copi: join(folder, 'dev.jsonl')}})],
    ['mix', () => ({mix: {copi: 2}})],
    ['evaluation.split', () => ({evaluation: {split: {copi: 'dev'}}})],
    ['curriculum.data', (folder: string) => ({curriculum: {steps: 1, data: {copi: join(folder, 'x')}}})],
  ])('refuses %s of a task that is not learned', async (setting, more) => {
    await expect(read(more)).rejects.toMatchObject({
      message: `${setting} names copi, which is not among the tasks`,
      hint: 'Did you mean copy?',
    })
  })
})
