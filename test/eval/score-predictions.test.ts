import {mkdtempSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {afterAll, describe, expect, it} from 'vitest'
import {type PredictionScores, type ScoreRequest, scorePredictions} from '../../src/eval/score-predictions.ts'

const folder = mkdtempSync(join(tmpdir(), 'slm-score-'))
afterAll(() => rmSync(folder, {recursive: true, force: true}))

let written = 0
function file(extension: string, content: string | readonly unknown[]): string {
  written += 1
  const path = join(folder, `file-${written}${extension}`)
  const text =
    typeof content === 'string' ? content : content.map((row) => `${JSON.stringify(row)}\n`).join('')
  writeFileSync(path, text)
  return path
}

function score(request: Partial<ScoreRequest> & {predictions: string}): Promise<PredictionScores> {
  return scorePredictions({
    task: 'squad',
    missing: 'refuse',
    isExtracting: false,
    seed: 1,
    resamples: 50,
    ...request,
  })
}

const references = file('.jsonl', [
  {id: 'a', references: ['Denver Broncos', 'Broncos']},
  {id: 'b', references: []},
  {id: 3, references: ['blue']},
])

function values({metrics}: PredictionScores): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(metrics).map(([id, estimate]) => [
      id,
      'value' in estimate ? estimate.value : estimate.missing,
    ]),
  )
}

describe('scorePredictions', () => {
  const right = file('.jsonl', [
    {id: '3', prediction: 'the red sea'},
    {id: 'a', prediction: 'broncos'},
    {id: 'b', prediction: ''},
  ])

  it('matches rows by id in any order, numbers and texts alike, by the metrics of the task', async () => {
    const scores = await score({predictions: right, references})
    expect(scores.count).toBe(3)
    expect(values(scores)).toEqual({
      rougeL: 0.5,
      exact: 200 / 3,
      f1: 200 / 3,
      'hasAns-exact': 50,
      'hasAns-f1': 50,
      'noAns-exact': 100,
      'noAns-f1': 100,
    })
    expect(scores.metrics['rougeL']).toMatchObject({count: 2})
  })

  it("reads SQuAD's object of id to text, and rows in a .json file", async () => {
    const object = file('.json', JSON.stringify({a: 'broncos', b: '', 3: 'the red sea'}, null, 1))
    const rows = file(
      '.json',
      JSON.stringify([
        {id: 'a', prediction: 'broncos'},
        {id: 'b', prediction: ''},
        {id: 3, prediction: 'the red sea'},
      ]),
    )
    const expected = await score({predictions: right, references})
    expect(await score({predictions: object, references})).toEqual(expected)
    expect(await score({predictions: rows, references})).toEqual(expected)
  })

  it('reads plain lines as CodeXGLUE writes them, a line for each row', async () => {
    const predictions = file('.output', 'a b c\n\nx y\n')
    const gold = file('.gold', 'a b c\nq\r\nx z')
    const scores = await score({task: 'codex', predictions, references: gold, metrics: ['accuracy']})
    expect([scores.count, values(scores)['accuracy']]).toEqual([3, 100 / 3])
  })

  it('keeps a line separator of Unicode inside its row', async () => {
    const predictions = file('.txt', 'a\u2028b\n')
    const gold = file('.jsonl', '{"id": 7, "references": ["a\u2028b"]}\n')
    expect(
      values(await score({task: 'codex', predictions, references: gold, metrics: ['accuracy']})),
    ).toEqual({
      accuracy: 100,
    })
  })

  it('takes rows numbered from 1 for data that have no ids of their own', async () => {
    const predictions = file('.jsonl', [
      {id: 1, prediction: 'a'},
      {id: 2, prediction: 'b'},
    ])
    const gold = file('.txt', 'a\nb\n')
    expect(
      values(await score({task: 'codex', predictions, references: gold, metrics: ['accuracy']})),
    ).toEqual({
      accuracy: 100,
    })
  })

  it("reads references from the task's own format", async () => {
    const answer = {text: 'Denver Broncos', answer_start: 0}
    const qas = [
      {id: 'a', question: 'who?', answers: [answer], is_impossible: false},
      {id: 'b', question: 'why?', answers: [], is_impossible: true},
    ]
    const data = file(
      '.json',
      JSON.stringify({version: 'v2.0', data: [{title: 't', paragraphs: [{context: 'c', qas}]}]}),
    )
    const scores = await score({
      predictions: file('.json', '{"a": "Denver", "b": "x"}'),
      data,
      metrics: ['exact', 'f1'],
    })
    expect(values(scores)).toEqual({exact: 0, f1: (100 * (2 / 3)) / 2})
  })

  it('scores a prediction as it stands, and extracts the answer first only when asked', async () => {
    const predictions = file('.json', JSON.stringify({a: 'Broncos\nand more', b: 'unanswerable', 3: 'blue'}))
    const exact = {predictions, references, metrics: ['exact']}
    expect(values(await score(exact))).toEqual({exact: 100 / 3})
    expect(values(await score({...exact, isExtracting: true}))).toEqual({exact: 100})
  })

  it('says why a metric has no value', async () => {
    const gold = file('.jsonl', [{id: 'a', references: ['x']}])
    const scores = await score({
      predictions: file('.jsonl', [{id: 'a', prediction: 'x'}]),
      references: gold,
      metrics: ['noAns-f1'],
    })
    expect(scores.metrics).toEqual({'noAns-f1': {missing: 'no sample counts for this metric'}})
  })

  it("adds Wilson's interval to a share of right answers, which has a width where the bootstrap has none", async () => {
    const gold = file('.jsonl', [
      {id: 'a', references: ['x']},
      {id: 'b', references: ['y']},
    ])
    const predictions = file('.jsonl', [
      {id: 'a', prediction: 'x'},
      {id: 'b', prediction: 'y'},
    ])
    const {metrics} = await score({predictions, references: gold, metrics: ['exact', 'f1']})
    // SciPy: binomtest(2, 2).proportion_ci(method='wilson') = 0.3424, 1.
    expect(metrics['exact']).toMatchObject({
      low: 100,
      high: 100,
      wilson: {low: expect.closeTo(34.24, 2), high: 100},
    })
    expect(metrics['f1']).not.toHaveProperty('wilson')
  })

  it('draws whole clusters for its intervals when a field names them', async () => {
    const questions = ['p', 'p', 'p', 'q'].map((context, index) => ({
      id: String(index),
      question: '?',
      context,
      answers: ['x'],
    }))
    const data = file(
      '.jsonl',
      questions.map(({answers, ...row}) => ({...row, answers: {text: answers}})),
    )
    const predictions = file('.json', '{"0": "x", "1": "x", "2": "x", "3": "y"}')
    const scores = await score({predictions, data, metrics: ['exact'], cluster: 'context'})
    expect(scores.metrics['exact']).toEqual({value: 75, low: 0, high: 100, count: 4})
    expect(scores.interval.clusters).toEqual({field: 'context', count: 2})
    await expect(score({predictions, data, cluster: 'page'})).rejects.toMatchObject({
      code: 'score-cluster',
      hint: 'Fields are: question, context.',
    })
    await expect(score({predictions: right, references, cluster: 'context'})).rejects.toMatchObject({
      code: 'score-cluster',
    })
  })

  it('gives the same bytes again', async () => {
    const request = {predictions: right, references, resamples: 500}
    expect(JSON.stringify(await score(request))).toBe(JSON.stringify(await score(request)))
  })
})

describe('a missing prediction', () => {
  const predictions = file('.jsonl', [{id: 'a', prediction: 'Broncos'}])

  it('is refused with its id', async () => {
    await expect(score({predictions, references})).rejects.toMatchObject({
      code: 'score-missing-prediction',
      message: expect.stringMatching(/^file-\d+\.jsonl has no prediction for 2 of 3 references: "b", "3"$/),
    })
  })

  it('counted as wrong is wrong also where no answer would be right, and is told', async () => {
    const scores = await score({
      predictions,
      references,
      missing: 'wrong',
      metrics: ['exact', 'noAns-f1', 'rougeL'],
    })
    expect(scores).toMatchObject({count: 3, missing: {count: 2, countedAs: 'wrong'}})
    expect(values(scores)).toEqual({exact: 100 / 3, 'noAns-f1': 0, rougeL: 0.5})
  })

  it('counted as wrong lowers corpus BLEU as an empty line does', async () => {
    const gold = file('.jsonl', [
      {id: 1, references: ['a b c d']},
      {id: 2, references: ['a b c d']},
    ])
    const half = file('.jsonl', [{id: 1, prediction: 'a b c d'}])
    const empty = file('.jsonl', [
      {id: 1, prediction: 'a b c d'},
      {id: 2, prediction: ''},
    ])
    const request = {task: 'codex', references: gold, metrics: ['bleu']}
    const wrong = await score({...request, predictions: half, missing: 'wrong'})
    expect(values(wrong)).toEqual(values(await score({...request, predictions: empty})))
  })

  it('skipped leaves its reference out', async () => {
    const scores = await score({predictions, references, missing: 'skip', metrics: ['exact']})
    expect(scores).toMatchObject({count: 1, missing: {count: 2, countedAs: 'skip'}})
    expect(values(scores)).toEqual({exact: 100})
  })
})

describe('input that cannot be scored is refused with its place', () => {
  const rows = (...lines: readonly string[]): string =>
    file('.jsonl', lines.map((line) => `${line}\n`).join(''))
  it.each([
    [
      'a broken line',
      ['{"id": "a", "prediction": "x"}', '', '{"id": "b", '],
      /\.jsonl:3: the line is not JSON/,
    ],
    ['a row that is no object', ['"a"'], /\.jsonl:1: the line is JSON, but not an object/],
    ['a row without id', ['{"prediction": "x"}'], /\.jsonl:1: id must be a text/],
    [
      'an id that JSON has already changed',
      ['{"id": 12345678901234567890, "prediction": "x"}'],
      /:1: id must be/,
    ],
    [
      'a prediction that is no text',
      ['{"id": "a", "prediction": null}'],
      /\.jsonl:1: prediction must be a text/,
    ],
    ['a row under another name', ['{"id": "a", "answer": "x"}'], /\.jsonl:1: prediction must be a text/],
    [
      'a second row of an id',
      ['{"id": 3, "prediction": "x"}', '{"id": "3", "prediction": "y"}'],
      /:2: the id "3" stands already at .*:1/,
    ],
    ['an id that has no reference', ['{"id": "zz", "prediction": "x"}'], /\.jsonl:1: .* has no id "zz"/],
    ['an empty file', [], /holds no prediction/],
  ])('%s', async (_, lines, message) => {
    await expect(score({predictions: rows(...lines), references})).rejects.toMatchObject({
      name: 'SlmError',
      exit: 2,
      message: expect.stringMatching(message),
    })
  })

  it('bytes that are not UTF-8', async () => {
    const path = join(folder, 'latin.txt')
    writeFileSync(path, Buffer.from([0x61, 0x0a, 0xe9, 0x0a]))
    await expect(score({predictions: path, references})).rejects.toMatchObject({
      message: 'latin.txt:2: the line is not UTF-8',
    })
  })

  it('another number of lines than rows', async () => {
    await expect(score({predictions: file('.txt', 'one\ntwo\n'), references})).rejects.toMatchObject({
      message: expect.stringMatching(/^lines of .*: 2; rows of .*: 3$/),
    })
  })

  it('references that are no list, files that are not there, metrics that do not exist', async () => {
    const predictions = file('.jsonl', [{id: 'a', prediction: 'x'}])
    const wrong = file('.jsonl', [{id: 'a', references: 'x'}])
    await expect(score({predictions, references: wrong})).rejects.toMatchObject({
      message: expect.stringMatching(/:1: references must be a list of texts/),
    })
    await expect(score({predictions: join(folder, 'none.jsonl'), references})).rejects.toMatchObject({
      code: 'file-missing',
    })
    await expect(score({predictions: folder, references})).rejects.toMatchObject({code: 'file-missing'})
    await expect(score({predictions, references, metrics: ['rogue']})).rejects.toMatchObject({
      code: 'metric-unknown',
    })
  })
})
