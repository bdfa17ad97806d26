import {join} from 'node:path'
import {describe, expect, it} from 'vitest'
import {compareRuns} from '../../src/report/compare-runs.ts'
import {formatComparison} from '../../src/report/formats.ts'
import {readRuns} from '../../src/report/read-runs.ts'
import type {JudgeCard, Judgement} from '../../src/store/judgement.ts'
import {writeJudgements} from '../../src/store/judgement-files.ts'
import {temporaryFolder, writeRun} from './run-folder.ts'

const TASKS = ['squad-mini', 'ielts-mini', 'codex-mini', 'xsum-mini'] as const

function card(over: Partial<JudgeCard> = {}, digest = 'a'): JudgeCard {
  return {
    id: '0123456789ab',
    method: 'answer-correctness',
    version: 1,
    variant: 'ragas_style_answer_correctness',
    judge: {kind: 'server', host: 'localhost:8000/v1', model: 'judge-1'},
    settings: {temperature: 0},
    prompts: Object.fromEntries(
      TASKS.map((task) => [task, {version: `${task} 1`, digest: digest.repeat(64)}]),
    ),
    votes: 1,
    ...over,
  }
}

/** Scores by task, in the order of the samples; a text is the state of what was not judged. */
type Scores = Readonly<Record<string, readonly (number | 'refused' | 'failed')[]>>

async function judgedRun(model: string, scores: Scores, by = card()): Promise<string> {
  const tasks = Object.fromEntries(TASKS.map((task) => [task, [0.5, 0.5, 0.5, 0.5]]))
  const folder = writeRun(join(temporaryFolder(), model), {model, tasks})
  const judgements = TASKS.flatMap((task) =>
    (scores[task] ?? []).map((score, index): Judgement => {
      const place = {judge: by.id, method: by.method, task, id: `${task}-${index}`, index}
      return typeof score === 'number'
        ? {status: 'judged', ...place, score, votes: [{status: 'judged', score, detail: {}}]}
        : {status: score, ...place, why: 'the judge refused', votes: []}
    }),
  )
  await writeJudgements(folder, by, judgements)
  return folder
}

const ALL: Scores = Object.fromEntries(TASKS.map((task) => [task, [1, 0.5, 0.5, 0]]))

describe('RG of judged runs', () => {
  it('is the mean of the judged samples, with n of m and failures as 0 beside it', async () => {
    const run = await judgedRun('a', {...ALL, 'squad-mini': [1, 'refused', 0.5, 'failed']})
    const comparison = await compareRuns(await readRuns([run]))
    const [cell] = comparison.tables[0]!.groups[0]!.rows[0]!.scores
    expect(cell?.rg).toMatchObject({kind: 'estimate', estimate: {value: 0.75, count: 2}})
    expect(cell?.judged).toEqual({
      judged: 2,
      samples: 4,
      notJudged: {unparsed: 0, refused: 1, 'timed-out': 0, failed: 1},
      failuresAsZero: 0.375,
    })
    const text = formatComparison(comparison, 'terminal')
    expect(text).toContain('0.50/0.75')
    expect(text).toMatch(/2 of 4 +0\.38/)
    expect(text.replaceAll(/\s+/g, ' ')).toContain(
      'RG is the judge score, 0..1 (ragas_style_answer_correctness; judge judge-1 at localhost:8000/v1; 1 vote; judge 0123456789ab)',
    )
    expect(formatComparison(comparison, 'csv')).toContain('2 of 4,0.375')
  })

  it('has an average when all four tasks were judged, and says which are missing when not', async () => {
    const whole = await compareRuns(await readRuns([await judgedRun('a', ALL)]))
    expect(whole.tables[0]!.groups[0]!.rows[0]!.average.rg).toMatchObject({estimate: {value: 0.5, count: 16}})
    const part = await compareRuns(await readRuns([await judgedRun('a', {'squad-mini': [1, 1, 1, 1]})]))
    expect(part.tables[0]!.groups[0]!.rows[0]!.average.rg).toMatchObject({
      kind: 'missing',
      why: 'the average needs a judge’s score of ielts-mini, codex-mini, xsum-mini too',
    })
  })

  it('never mixes two judges: the one of most runs stands in the table', async () => {
    const other = card({id: 'ba9876543210', judge: {kind: 'server', host: 'else', model: 'judge-2'}})
    const runs = [await judgedRun('a', ALL), await judgedRun('b', ALL), await judgedRun('c', ALL, other)]
    const comparison = await compareRuns(await readRuns(runs))
    const rows = comparison.tables[0]!.groups.flatMap((group) => group.rows)
    expect(rows.map(({name, scores}) => [name, scores[0]?.rg.kind])).toEqual([
      ['a', 'estimate'],
      ['b', 'estimate'],
      ['c', 'missing'],
    ])
    expect(comparison.notes.join('\n')).toContain('only another judge has scored this run (ba9876543210)')
    expect(comparison.notes.join('\n')).toContain('Other judges have scored some of these runs')
  })

  it('leaves out a cell that was judged in other words than its column', async () => {
    const runs = [
      await judgedRun('a', ALL),
      await judgedRun('b', ALL),
      await judgedRun('c', ALL, card({}, 'b')),
    ]
    const rows = (await compareRuns(await readRuns(runs))).tables[0]!.groups.flatMap((group) => group.rows)
    expect(rows[2]?.scores[0]?.rg).toMatchObject({kind: 'missing', short: 'other prompts'})
  })

  it('gives the same table whatever the order of the runs', async () => {
    const runs = [await judgedRun('a', ALL), await judgedRun('b', {...ALL, 'xsum-mini': [0, 0, 0, 'failed']})]
    const there = formatComparison(await compareRuns(await readRuns(runs)), 'json')
    const back = formatComparison(await compareRuns(await readRuns(runs.reverse())), 'json')
    expect(back).toBe(there)
  })
})
