import {mkdtempSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {afterAll, describe, expect, it} from 'vitest'
import {loadTask, taskNames} from '../../src/tasks/load-task.ts'

const folder = mkdtempSync(join(tmpdir(), 'slm-task-'))
afterAll(() => rmSync(folder, {recursive: true}))

const YAML = `
name: riddles
title: Riddles
version: 1
description: Solve a riddle.
origin: made up
licence: CC0
source: {kind: files, splits: {test: [riddles.jsonl]}, split: test}
columns: {fields: {riddle: q}, references: a}
prompt: {template: "{riddle}\\n", truncate: {field: riddle, side: right}}
maxNewTokens: 8
metrics: [exact]
primary: exact
`

function written(text: string): string {
  const path = join(folder, 'riddles.yaml')
  writeFileSync(path, text)
  return path
}

describe('the tasks that come with the program', () => {
  it('load by their names, and each is called as its file', async () => {
    const names = await taskNames()
    expect(names).toEqual(expect.arrayContaining(['codex', 'codex-cs-java', 'ielts', 'squad', 'xsum']))
    for (const name of names) expect((await loadTask(name)).name).toBe(name)
  })

  it('say where the data come from and under which licence', async () => {
    for (const name of await taskNames()) {
      const task = await loadTask(name)
      expect(task.licence.length).toBeGreaterThan(5)
      expect(task.origin.length).toBeGreaterThan(5)
    }
  })

  it('stand for the paper’s ROUGE-L', async () => {
    const names = (await taskNames()).filter((name) => name !== 'judge-mini') // verdicts, and no column of the table
    for (const name of names) expect((await loadTask(name)).primary).toBe('rougeL')
  })
})

describe('a task of one’s own', () => {
  it('loads from a YAML anywhere', async () => {
    const task = await loadTask(written(YAML))
    expect(task).toMatchObject({name: 'riddles', folder, stop: [], extract: [], subset: 'first'})
  })

  it.each([
    [
      'a key that does not exist',
      YAML.replace('version: 1', 'version: 1\nshots: 3'),
      'Unrecognized key: "shots"',
    ],
    ['a missing key', YAML.replace('title: Riddles', ''), 'title: must be a text'],
    [
      'an unknown metric',
      YAML.replace('[exact]', '[exact, bertscore]'),
      'metrics.1: must be one of the metrics rouge1',
    ],
    [
      'a primary metric that is not computed',
      YAML.replace('primary: exact', 'primary: f1'),
      'primary: must be one of',
    ],
    [
      'a split that is not there',
      YAML.replace('split: test', 'split: dev'),
      'source.split: must be one of the splits',
    ],
    [
      'a field without a column',
      YAML.replace('"{riddle}', '"{puzzle} {riddle}'),
      '{puzzle} is none of columns.fields',
    ],
    [
      'a template without the field that may be cut',
      YAML.replace('"{riddle}', '"x'),
      '{riddle} must stand in the template once',
    ],
    ['a single brace', YAML.replace('"{riddle}', '"{ {riddle}'), 'single "{" at character 1'],
    ['a path upwards', YAML.replace('riddles.jsonl', '../secret.jsonl'), 'must stay inside its folder'],
    ['an absolute path', YAML.replace('riddles.jsonl', '/etc/passwd'), 'must stay inside its folder'],
    ['YAML that is broken', '{name: [', 'riddles.yaml: '],
  ])('is refused with %s', async (_, text, message) => {
    await expect(loadTask(written(text))).rejects.toThrow(message)
  })

  it('is not mistaken for a shipped one, nor a missing file for an empty one', async () => {
    await expect(loadTask('squid')).rejects.toThrow('there is no task "squid"')
    await expect(loadTask(join(folder, 'nothing.yaml'))).rejects.toThrow('cannot be read')
  })
})
