import {mkdtempSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {describe, expect, it} from 'vitest'
import {metricById} from '../../src/metrics/catalogue.ts'
import {loadTask} from '../../src/tasks/load-task.ts'
import {locateData} from '../../src/tasks/locate-data.ts'
import {firstSentence} from '../../src/tasks/shortcut-answers.ts'
import {type ShortcutScores, shortcutScores} from '../../src/tasks/shortcut-scores.ts'

const ROWS = [
  {id: 'a', text: 'Red fox. It ran.', answers: ['red fox'], kind: 'shared', guesses: ['red fox', 'blue hen']},
  {id: 'b', text: 'blue hen', answers: ['blue hen'], kind: 'single', guesses: ['blue hen']},
  {id: 'c', text: 'Nothing here.', answers: [], kind: 'absent', guesses: []},
]

async function scoresOf(shortcuts: string, limit?: number): Promise<ShortcutScores[]> {
  const folder = mkdtempSync(join(tmpdir(), 'slm-shortcuts-'))
  const jsonl = (rows: readonly object[]): string => rows.map((row) => `${JSON.stringify(row)}\n`).join('')
  writeFileSync(join(folder, 'test.jsonl'), jsonl(ROWS))
  writeFileSync(join(folder, 'train.jsonl'), jsonl([...ROWS.slice(1), {...ROWS[1], id: 'd'}]))
  writeFileSync(
    join(folder, 'animals.yaml'),
    `{name: animals, title: Animals, version: 1, description: d, origin: o, licence: l,
      source: {kind: files, splits: {train: [train.jsonl], test: [test.jsonl], lost: [lost.jsonl]}, split: test},
      columns: {id: id, fields: {text: text}, references: answers, kind: kind}, noAnswer: none,
      prompt: {template: "{text}", truncate: {field: text, side: right}}, maxNewTokens: 4,
      metrics: [exact, shared-exact, noAns-exact], primary: exact, shortcuts: ${shortcuts}}`,
  )
  const task = await loadTask(join(folder, 'animals.yaml'))
  const metrics = await Promise.all(task.metrics.map(metricById))
  return shortcutScores(task, {located: await locateData(task), limit}, metrics)
}

const values = (scores: ShortcutScores | undefined, metric: string): Record<string, number> => {
  if (scores?.scores.kind !== 'scored') throw new Error('there are no scores')
  return Object.fromEntries([...scores.scores.metrics.get(metric)!].map(([id, [value]]) => [id, value!]))
}

describe('a shortcut', () => {
  it('copies a field, or its first sentence', async () => {
    const [copy, lead] = await scoresOf('[{policy: copy, field: text}, {policy: lead, field: text}]')
    expect(copy?.title).toBe('copy of the input')
    expect(values(copy, 'exact')).toEqual({a: 0, b: 1, c: 0})
    expect(values(lead, 'exact')).toEqual({a: 1, b: 1, c: 0})
  })

  it('says the most common training answer, an empty one when the policy abstains', async () => {
    const [majority, abstain] = await scoresOf('[{policy: majority}, {policy: abstain}]')
    expect(values(majority, 'exact')).toEqual({a: 0, b: 1, c: 0})
    expect(values(abstain, 'exact')).toEqual({a: 0, b: 0, c: 1})
  })

  it('guesses among the texts of a column and scores what that gives on average', async () => {
    const [random] = await scoresOf('[{policy: random, column: guesses, title: a guess}]')
    expect(random).toMatchObject({title: 'a guess', isCeiling: false})
    expect(values(random, 'exact')).toEqual({a: 0.5, b: 1, c: 1})
  })

  it('is scored on the rows that count for a metric, those of one kind included', async () => {
    const [random] = await scoresOf('[{policy: random, column: guesses, title: a guess}]')
    expect(values(random, 'shared-exact')).toEqual({a: 0.5})
    expect(values(random, 'noAns-exact')).toEqual({c: 1})
  })

  it('is scored on the rows that a limit keeps', async () => {
    const [copy] = await scoresOf('[{policy: copy, field: text}]', 2)
    expect(values(copy, 'exact')).toEqual({a: 0, b: 1})
  })

  it('says why it has no scores', async () => {
    const [majority, ceiling] = await scoresOf(
      '[{policy: majority, split: lost}, {policy: ceiling, column: nothing, title: best}]',
    )
    expect(majority?.scores).toMatchObject({kind: 'missing', why: expect.stringContaining('lost.jsonl')})
    expect(ceiling).toMatchObject({isCeiling: true, scores: {kind: 'missing'}})
    expect(ceiling?.scores.kind === 'missing' && ceiling.scores.why).toContain('"nothing" is missing')
  })

  it('cannot copy a field that the task does not have', async () => {
    await expect(scoresOf('[{policy: copy, field: story}]')).rejects.toThrow('fields of columns.fields')
  })
})

describe('the first sentence', () => {
  it.each([
    ['One is here. Two is not.', 'One is here.'],
    ['“Stop!” he said. Then he went.', '“Stop!”'],
    ['It costs 3.5 pounds. Yes.', 'It costs 3.5 pounds.'],
    ['No end', 'No end'],
    ['A line\nand another. One.', 'A line'],
    ['', ''],
  ])('of %j is %j', (text, sentence) => {
    expect(firstSentence(text)).toBe(sentence)
  })
})

describe('the miniatures', () => {
  const shipped = async (name: string): Promise<Map<string, ShortcutScores>> => {
    const task = await loadTask(name)
    const metrics = await Promise.all(task.metrics.map(metricById))
    const scores = await shortcutScores(task, {located: await locateData(task)}, metrics)
    return new Map(scores.map((one) => [one.title, one]))
  }
  const mean = (scores: ShortcutScores | undefined, metric: string): number => {
    const all = Object.values(values(scores, metric))
    return all.reduce((sum, value) => sum + value, 0) / all.length
  }

  it('give little to who knows the relation of a question alone', async () => {
    const relation = (await shipped('squad-mini')).get('right relation, random subject')
    expect(mean(relation, 'hasAns-exact')).toBeLessThan(0.45)
    expect(mean(relation, 'shared-exact')).toBeLessThan(0.41)
  })

  it.each(['xsum-mini', 'ielts-mini'])(
    'of %s: what one can expect is far above all shortcuts',
    async (name) => {
      const scores = await shipped(name)
      const ceiling = mean(scores.get('the generator, drawn again (ceiling)'), 'rougeL')
      expect(ceiling).toBeGreaterThan(0.5)
      for (const [title, one] of scores)
        if (!one.isCeiling) expect(mean(one, 'rougeL'), title).toBeLessThan(ceiling - 0.2)
    },
  )
})
