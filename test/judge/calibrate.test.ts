import {writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {afterEach, describe, expect, it} from 'vitest'
import {agreementReport, nearestLevel} from '../../src/judge/calibrate/agreement-report.ts'
import {calibrate} from '../../src/judge/calibrate/calibrate.ts'
import {judgeRuns} from '../../src/judge/judge-runs.ts'
import {type Fault, type JudgeServer, judgeServer} from './judge-server.ts'
import {environment, newFolder, runOf, settings} from './judged-runs.ts'

const servers: JudgeServer[] = []
afterEach(async () => {
  for (const started of servers.splice(0)) await started.close()
})
const server = async (fault?: (n: number) => Fault): Promise<JudgeServer> => {
  const started = await judgeServer(fault === undefined ? {} : {fault})
  servers.push(started)
  return started
}

function labelsFile(text: string): string {
  const file = join(newFolder(), 'labels.csv')
  writeFileSync(file, text)
  return file
}

describe('labels with verdicts of their own', () => {
  it('give the kappa, the confusion table and a constant predictor beside it', async () => {
    // 20 and 15 agreements of 50: the textbook case of kappa 0.4.
    const rows = [
      ...new Array(20).fill('yes,yes'),
      ...new Array(5).fill('yes,no'),
      ...new Array(10).fill('no,yes'),
      ...new Array(15).fill('no,no'),
    ]
    const labels = labelsFile(`label,judge\n${rows.join('\n')}\n`)
    const {agreement, card} = await calibrate({labels}, settings({}), environment())
    expect(card).toBeUndefined()
    expect(agreement).toMatchObject({
      items: 50,
      levels: [0, 1],
      confusion: [
        [15, 10],
        [5, 20],
      ],
      judge: {raw: {value: 0.7}, spearman: {count: 50}},
      constant: {level: 1, raw: {value: 0.5}, kappa: {value: 0}},
    })
    expect(agreement?.judge.kappa).toMatchObject({value: expect.closeTo(0.4, 12), count: 50})
  })

  it('name the row and column that cannot be read', async () => {
    const labels = labelsFile('label,judge\nyes,no\nperhaps,no\n')
    await expect(calibrate({labels}, settings({}), environment())).rejects.toMatchObject({
      code: 'labels-invalid',
      message: expect.stringContaining('label is neither a number nor yes or no, got "perhaps"'),
    })
  })
})

describe('labels that are judged now', () => {
  const labels = () =>
    labelsFile(
      [
        'task,question,answer,reference,label',
        'squad,Which river?,the Lorn,the Lorn,1',
        'squad,Which river?,the Tarn,the Lorn,0',
        'squad,Which river?,the old Lorn,the Lorn,1',
        'squad,Which river?,,the Lorn,0',
        '',
      ].join('\n'),
    )

  it('are asked about by the method that is to be trusted', async () => {
    const {baseUrl} = await server()
    const rows = labelsFile('answer,reference,label\nthe Lorn,the Lorn,1\nthe Tarn,the Lorn,0\n')
    const {agreement, card} = await calibrate(
      {labels: rows},
      settings({baseUrl, methods: 'answer-correctness'}),
      environment(),
    )
    expect(agreement?.judge.raw).toMatchObject({value: 1, count: 2})
    expect(card?.method).toBe('answer-correctness')
  })

  it('leave out and count what was not judged', async () => {
    const {baseUrl} = await server((n) => (n === 0 ? 'refusal' : 'none'))
    const config = settings({baseUrl, methods: 'rubric', parallel: 1, replyTries: 1})
    const rows = labelsFile('answer,reference,label\nthe Lorn,the Lorn,1\nthe Tarn,the Lorn,0\n')
    const {agreement, notJudged, rawWithFailures} = await calibrate({labels: rows}, config, environment())
    expect(notJudged).toEqual({refused: 1})
    expect(agreement?.items).toBe(1)
    expect(rawWithFailures).toBeLessThanOrEqual(0.5)
  })

  it('are left when the command is stopped, once those under way are judged', async () => {
    const {baseUrl, requests} = await server()
    const rows = labelsFile(
      `answer,reference,label\n${'the Lorn,the Lorn,1\nthe Tarn,the Lorn,0\n'.repeat(5)}`,
    )
    const controller = new AbortController()
    const stopping = environment({signal: controller.signal, onEvent: () => controller.abort()})
    const config = settings({baseUrl, methods: 'rubric', parallel: 2})
    await expect(calibrate({labels: rows}, config, stopping)).rejects.toMatchObject({
      name: 'JudgingStopped',
      message: 'interrupted',
    })
    const begun = requests.length
    expect(begun).toBeLessThan(10)
    await new Promise((resolve) => setTimeout(resolve, 50))
    expect(requests).toHaveLength(begun)
    for (const {isAnswered} of requests) expect(isAnswered).toBe(true)
  })

  it('refuse a row that does not say what was judged', async () => {
    await expect(
      calibrate({labels: labels()}, settings({judgeModel: 'x'}), environment({key: 'k'})),
    ).rejects.toMatchObject({code: 'labels-invalid'})
  })

  it('may be statements with the text that supports them or not', async () => {
    const {baseUrl} = await server()
    const rows = labelsFile(
      'statement,text,label\nThe Lorn is wide.,The Lorn is a wide river.,supported\nThe Lorn is dry.,The Lorn is a wide river.,no\n',
    )
    const {agreement} = await calibrate({labels: rows}, settings({baseUrl}), environment())
    expect(agreement).toMatchObject({
      confusion: [
        [1, 0],
        [0, 1],
      ],
    })
  })
})

describe('labels of a judged run', () => {
  it('are compared with its judgements, without asking', async () => {
    const {baseUrl, requests} = await server()
    const run = runOf([
      {answer: 'the Lorn', references: ['the Lorn']},
      {answer: 'a Tarn', references: ['the Lorn']},
      {answer: '', references: ['the Lorn']},
    ])
    await judgeRuns([run], settings({baseUrl, methods: 'rubric'}), environment())
    const asked = requests.length
    const labels = labelsFile('id,label,label2\nsquad-0,5,5\nsquad-1,1,2\nsquad-2,1,1\n')
    const config = settings({methods: 'rubric'})
    const {agreement} = await calibrate({labels, run}, config, environment())
    expect(requests).toHaveLength(asked)
    expect(agreement).toMatchObject({
      levels: [1, 2, 5],
      judge: {raw: {value: 1}},
      people: {items: 3, raw: {value: expect.closeTo(2 / 3, 12)}},
    })
    await expect(calibrate({labels, run}, settings({}), environment())).rejects.toMatchObject({
      code: 'not-judged',
    })
  })

  it('need the run', async () => {
    const labels = labelsFile('id,label\nsquad-0,5\n')
    await expect(calibrate({labels}, settings({}), environment())).rejects.toMatchObject({
      code: 'run-missing',
    })
  })
})

it('rounds a score to the nearest label, the higher of two', () => {
  expect([0.2, 0.5, 0.9].map((value) => nearestLevel(value, [0, 1]))).toEqual([0, 1, 1])
})

it('takes the middle label of several people, the lower of two', () => {
  const report = agreementReport(
    [
      {labels: [1, 5, 4], value: 4},
      {labels: [1, 5], value: 1},
    ],
    0,
  )
  expect(report.judge.raw).toMatchObject({value: 1})
})
