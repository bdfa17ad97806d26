import {readFileSync} from 'node:fs'
import {join} from 'node:path'
import {describe, expect, it} from 'vitest'
import {fillByEmbeddedJudge} from '../../src/cli/embedded-judging.ts'
import {readJudges, writeJudgements} from '../../src/store/judgement-files.ts'
import {judgementsOf, runOf} from '../judge/judged-runs.ts'

const quiet = {threads: 1, isQuiet: true}
const samples = [
  {answer: 'Ashport', references: ['Ashport']},
  {answer: '94,000', references: ['14,000']},
]

describe('runs that no judge has scored', () => {
  it('are scored by the judge that ships with the program, named with its note and its kappa', async () => {
    const run = runOf(samples, 'squad-mini')
    await fillByEmbeddedJudge([run], quiet)
    const [card] = await readJudges(run)
    expect(card?.judge).toMatchObject({
      name: 'judge-mini',
      note: 'miniature, trained on synthetic pairs',
      measured: {kappa: {count: 1500}, rows: 1500, labels: 'judge-mini/test.jsonl'},
    })
    const judged = await judgementsOf(run)
    expect(judged.map(({status}) => status)).toEqual(['judged', 'judged'])
    expect(judged).toMatchObject([{score: 1}, {score: 0}])
  })

  it('are not judged again, and end in the same bytes when they are', async () => {
    const run = runOf(samples, 'squad-mini')
    await fillByEmbeddedJudge([run], quiet)
    const bytes = (): string => readFileSync(join(run, 'judgements.jsonl'), 'utf8')
    const first = bytes()
    const [card] = await readJudges(run)
    const [kept] = await judgementsOf(run)
    // As an interrupted judging leaves it.
    await writeJudgements(run, card!, [kept!])
    expect(bytes()).not.toBe(first)
    await fillByEmbeddedJudge([run], quiet)
    expect(bytes()).toBe(first)
  })
})

/** What stands for another judge, on a server. */
function serverCard<Method extends 'pairwise' | 'rubric'>(method: Method) {
  return {
    id: '0123456789ab',
    method,
    version: 1,
    variant: method,
    judge: {kind: 'server', host: 'localhost', model: 'm'},
    settings: {},
    prompts: {},
    votes: 1,
  } as const
}

it('scores runs that were only compared with each other', async () => {
  const run = runOf(samples, 'squad-mini')
  const card = serverCard('pairwise')
  const place = {judge: card.id, method: 'pairwise', task: 'squad-mini'}
  const won = samples.map((_, index) => ({
    status: 'judged' as const,
    ...place,
    id: `squad-mini-${index}`,
    index,
    score: 1,
    votes: [],
  }))
  await writeJudgements(run, card, won)
  await fillByEmbeddedJudge([run], quiet)
  expect((await readJudges(run)).map(({method}) => method)).toEqual(['pairwise', 'answer-correctness'])
})

it('leaves a comparison alone that another judge has scored', async () => {
  const [mine, other] = [runOf(samples, 'squad-mini'), runOf(samples, 'squad-mini', 'other')]
  await writeJudgements(other, serverCard('rubric'), [])
  await fillByEmbeddedJudge([mine, other], quiet)
  expect(await readJudges(mine)).toEqual([])
})
