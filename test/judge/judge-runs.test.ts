import {readFile} from 'node:fs/promises'
import {join} from 'node:path'
import {afterEach, describe, expect, it} from 'vitest'
import {estimateJudging, judgeRuns} from '../../src/judge/judge-runs.ts'
import {fileReplyCache} from '../../src/judge/reply-cache.ts'
import {seededRandom} from '../../src/stats/random.ts'
import {type Fault, type JudgeServer, type JudgeServerOptions, judgeServer} from './judge-server.ts'
import {type Answered, environment, judgementsOf, newFolder, runOf, settings} from './judged-runs.ts'

const servers: JudgeServer[] = []
const server = async (options: JudgeServerOptions = {}): Promise<JudgeServer> => {
  const started = await judgeServer(options)
  servers.push(started)
  return started
}
afterEach(async () => {
  for (const started of servers.splice(0)) await started.close()
})

const FOUR: readonly Answered[] = [
  {answer: 'The Lorn.', references: ['The Lorn.']},
  {answer: 'The Tarn. It is wide.', references: ['The Lorn.']},
  {answer: '', references: ['The Lorn.']},
  {answer: '', references: []},
]

describe('answer correctness through a server', () => {
  it('scores by F1 of statements and keeps statements and verdicts', async () => {
    const {baseUrl} = await server()
    const run = runOf(FOUR)
    const {runs} = await judgeRuns([run], settings({baseUrl}), environment())
    expect(runs[0]?.tasks[0]).toMatchObject({samples: 4, judged: 4, byRule: 2, notAsked: 0})
    expect(runs[0]?.tasks[0]?.score).toMatchObject({value: 0.5, count: 4})
    const judgements = await judgementsOf(run)
    expect(judgements.map((one) => [one.id, one.status === 'judged' ? one.score : one.why])).toEqual([
      ['squad-0', 1],
      ['squad-1', 0],
      ['squad-2', 0],
      ['squad-3', 1],
    ])
    expect(judgements[1]).toMatchObject({
      votes: [{detail: {truePositives: 0, falsePositives: 2, falseNegatives: 1, f1: 0}}],
    })
  })

  it('scores empty answers by rule, without asking', async () => {
    const {baseUrl, requests} = await server()
    const run = runOf([...FOUR.slice(2), {answer: 'something', references: []}])
    await judgeRuns([run], settings({baseUrl}), environment())
    expect(requests).toHaveLength(0)
    expect(await judgementsOf(run)).toMatchObject([
      {score: 0, rule: 'empty-answer'},
      {score: 1, rule: 'rightly-empty'},
      {score: 0, rule: 'answered-unanswerable'},
    ])
  })

  it('adds a quarter of the similarity when an embedding model is named', async () => {
    const {baseUrl} = await server()
    const run = runOf(FOUR.slice(0, 1))
    const {runs} = await judgeRuns([run], settings({baseUrl, embeddingsModel: 'letters'}), environment())
    expect(runs[0]?.tasks[0]?.score).toMatchObject({value: 1})
    expect(runs[0]?.card.variant).toContain('0.75 x F1')
    expect(runs[0]?.card.embeddings).toMatchObject({kind: 'server', model: 'letters'})
  })

  it('gives the bytes of an undisturbed run after one that was stopped', async () => {
    const {baseUrl} = await server()
    const samples = Array.from({length: 12}, (_, at) => ({
      answer: `word${at}.`,
      references: [`word${at % 3}.`],
    }))
    const whole = runOf(samples)
    await judgeRuns([whole], settings({baseUrl}), environment())
    const parted = runOf(samples)
    const shared = environment()
    const {runs, stopped} = await judgeRuns([parted], settings({baseUrl, maxCalls: 9}), shared)
    expect(stopped).toBe('the budget is used up')
    expect(runs[0]?.tasks[0]?.notAsked).toBeGreaterThan(0)
    await judgeRuns([parted], settings({baseUrl}), shared)
    for (const name of ['judgements.jsonl', 'judges.json'])
      expect(await readFile(join(parted, name), 'utf8')).toBe(await readFile(join(whole, name), 'utf8'))
  })
})

it('keeps what it said before of samples that it is not asked about now', async () => {
  const {baseUrl} = await server()
  const run = runOf(FOUR)
  const shared = environment()
  await judgeRuns([run], settings({baseUrl, methods: 'rubric'}), shared)
  const before = await readFile(join(run, 'judgements.jsonl'), 'utf8')
  const {runs} = await judgeRuns([run], settings({baseUrl, methods: 'rubric', limit: 1}), shared)
  expect(runs[0]?.tasks[0]?.judged).toBe(4)
  expect(await readFile(join(run, 'judgements.jsonl'), 'utf8')).toBe(before)
})

it('leaves the judgements of other judges as they are', async () => {
  const {baseUrl} = await server()
  const run = runOf(FOUR)
  await judgeRuns([run], settings({baseUrl, methods: 'rubric'}), environment())
  const first = await judgementsOf(run)
  await judgeRuns([run], settings({baseUrl, methods: 'rubric', judgeModel: 'other'}), environment())
  const both = await judgementsOf(run)
  expect(both.slice(0, 4)).toEqual(first)
  expect(new Set(both.map(({judge}) => judge)).size).toBe(2)
})

/** Three in ten requests fail, by a fixed draw. */
function oftenFailing(): (n: number) => Fault {
  const faults: readonly Fault[] = [429, 500, 'cut-body', 'not-json', 'refusal']
  const random = seededRandom(7)
  return () => {
    if (random.below(10) >= 3) return 'none'
    // Fewer of these: each takes as long as the timeout.
    return random.below(30) === 0 ? 'hang' : faults[random.below(faults.length)]!
  }
}

describe('a server that fails three times in ten', () => {
  it('loses none of 1,000 samples and is asked for nothing twice', async () => {
    const failing = await server({fault: oftenFailing(), retryAfter: '0'})
    const samples = Array.from({length: 1000}, (_, at) => ({
      answer: `The answer is ${at}.`,
      references: [at % 2 === 0 ? `The answer is ${at}.` : 'Nobody knows.'],
    }))
    const run = runOf(samples)
    const config = settings({
      baseUrl: failing.baseUrl,
      methods: 'rubric',
      timeoutSeconds: 5,
      tries: 12,
      replyTries: 12,
      parallel: 32,
    })
    const {runs, replies, spent} = await judgeRuns([run], config, environment())
    expect(runs[0]?.tasks[0]).toMatchObject({samples: 1000, judged: 1000, notAsked: 0})
    expect(runs[0]?.tasks[0]?.score).toMatchObject({value: 0.5})
    const answered = failing.requests.filter(({isAnswered}) => isAnswered).map(({question}) => question)
    expect(new Set(answered).size).toBe(answered.length)
    expect(spent.calls).toBe(failing.requests.length)
    expect(replies.fresh).toBeGreaterThan(answered.length)
  })

  it('keeps what cannot be judged out of the mean, counted by its state', async () => {
    const faults: readonly Fault[] = ['refusal', 'not-json', 'hang', 500, 'none']
    let asked = 0
    const failing = await server({fault: () => faults[asked++] ?? 'none'})
    const samples = Array.from({length: 5}, (_, at) => ({answer: `word${at}`, references: [`word${at}`]}))
    const config = settings({
      baseUrl: failing.baseUrl,
      methods: 'rubric',
      tries: 1,
      replyTries: 1,
      parallel: 1,
      timeoutSeconds: 0.2,
    })
    const run = runOf(samples)
    const {runs} = await judgeRuns([run], config, environment())
    expect(runs[0]?.tasks[0]).toMatchObject({
      judged: 1,
      notJudged: {unparsed: 1, refused: 1, 'timed-out': 1, failed: 1},
      score: {value: 1, count: 1},
      failuresAsZero: 0.2,
    })
    const judgements = await judgementsOf(run)
    expect(judgements.filter((one) => 'score' in one)).toHaveLength(1)
  })

  it('asks again for what failed, and for nothing else, when the command is repeated', async () => {
    let isFailing = true
    const failing = await server({fault: (n) => (isFailing && n % 2 === 0 ? 500 : 'none')})
    const samples = Array.from({length: 6}, (_, at) => ({answer: `word${at}`, references: [`word${at}`]}))
    const config = settings({baseUrl: failing.baseUrl, methods: 'rubric', tries: 1, parallel: 1})
    const run = runOf(samples)
    const shared = environment()
    const first = await judgeRuns([run], config, shared)
    expect(first.runs[0]?.tasks[0]?.judged).toBe(3)
    isFailing = false
    const second = await judgeRuns([run], config, shared)
    expect(second.runs[0]?.tasks[0]?.judged).toBe(6)
    expect(second.replies).toEqual({fresh: 3, cached: 3})
  })
})

describe('budgets', () => {
  const samples = Array.from({length: 20}, (_, at) => ({answer: `word${at}`, references: [`word${at}`]}))

  it('never sends more requests than --max-calls', async () => {
    const {baseUrl, requests} = await server()
    const run = runOf(samples)
    const {stopped, runs} = await judgeRuns(
      [run],
      settings({baseUrl, methods: 'rubric', maxCalls: 7}),
      environment(),
    )
    expect(requests).toHaveLength(7)
    expect(stopped).toBe('the budget is used up')
    expect(runs[0]?.tasks[0]).toMatchObject({judged: 7, notAsked: 13})
  })

  it('stops before --max-cost is passed and keeps what was paid for', async () => {
    const {baseUrl} = await server()
    const run = runOf(samples)
    const prices = {priceIn: 1000, priceOut: 1000, maxTokens: 100, maxCost: 2}
    const {spent, runs, stopped} = await judgeRuns(
      [run],
      settings({baseUrl, methods: 'rubric', parallel: 4, ...prices}),
      environment(),
    )
    expect(stopped).toBeDefined()
    expect(spent.cost).toBeLessThanOrEqual(2)
    expect(spent.cost).toBeCloseTo((spent.calls * 120 * 1000) / 1e6, 9)
    expect(await judgementsOf(run)).toHaveLength(runs[0]?.tasks[0]?.judged ?? -1)
  })

  it('tells calls, tokens and cost before anything is asked', async () => {
    const {baseUrl, requests} = await server()
    const run = runOf(FOUR)
    const shared = environment()
    const config = settings({baseUrl, priceIn: 1, priceOut: 2})
    const estimate = await estimateJudging([run], config, shared)
    expect(requests).toHaveLength(0)
    // Two lists of statements and one of verdicts for each of the two that no rule scores.
    expect(estimate).toMatchObject({samples: 4, calls: 6, cached: 0})
    expect(estimate.cost).toBeCloseTo((estimate.promptTokens + 2 * estimate.completionTokens) / 1e6, 12)
    await judgeRuns([run], config, shared)
    expect(requests).toHaveLength(6)
    expect(await estimateJudging([run], config, shared)).toMatchObject({calls: 0, cached: 6, cost: 0})
  })
})

describe('votes', () => {
  it('asks as often as told and shows the spread between the votes', async () => {
    let asked = 0
    const {baseUrl, requests} = await server({
      mind: () => JSON.stringify({reason: 'a mood', rating: [1, 3, 5][asked++ % 3]}),
    })
    const run = runOf(FOUR.slice(0, 1))
    const {runs} = await judgeRuns(
      [run],
      settings({baseUrl, methods: 'rubric', votes: 3, parallel: 1}),
      environment(),
    )
    expect(new Set(requests.map(({body}) => body['seed'])).size).toBe(3)
    expect(runs[0]?.tasks[0]?.score).toMatchObject({value: 0.5})
    expect(runs[0]?.tasks[0]?.voteSpread).toBeCloseTo(0.5, 12)
  })
})

describe('pairs', () => {
  it('asks in both orders and takes a disagreement for a tie', async () => {
    const always = await server({mind: () => JSON.stringify({reason: 'the first', better: 'A'})})
    const [ours, theirs] = [
      runOf(FOUR.slice(0, 1)),
      runOf([{answer: 'The Tarn.', references: ['The Lorn.']}]),
    ]
    const biased = await judgeRuns(
      [ours, theirs],
      settings({baseUrl: always.baseUrl, methods: 'pairwise'}),
      environment(),
    )
    expect(biased.runs[0]?.tasks[0]?.score).toMatchObject({value: 0.5})
    const literal = await server()
    const fair = await judgeRuns(
      [ours, theirs],
      settings({baseUrl: literal.baseUrl, methods: 'pairwise'}),
      environment(),
    )
    expect(fair.runs[0]?.tasks[0]?.score).toMatchObject({value: 1})
    expect(fair.runs[0]?.card.against).toMatchObject({model: 'tiny'})
  })

  it('needs two runs', async () => {
    await expect(
      judgeRuns([runOf(FOUR)], settings({methods: 'pairwise'}), environment({key: 'k'})),
    ).rejects.toMatchObject({code: 'pair-missing'})
  })
})

describe('the key', () => {
  const key = 'sk-test-4f9a77c1d2e34b'

  it('goes to the server and into no record, error, event or cache entry', async () => {
    const cacheFolder = newFolder()
    const {baseUrl, requests} = await server({
      fault: (n) => (n === 0 ? 400 : 'none'),
      mind: (_, name) => (name === 'rating' ? JSON.stringify({reason: `I saw ${key}`, rating: 3}) : '{}'),
    })
    const run = runOf(FOUR.slice(0, 2))
    const shared = environment({key, cache: fileReplyCache(cacheFolder)})
    await judgeRuns([run], settings({baseUrl, methods: 'rubric', parallel: 1}), shared)
    expect(requests[0]?.authorization).toBe(`Bearer ${key}`)
    const {readdirSync, readFileSync} = await import('node:fs')
    const files = [run, cacheFolder].flatMap((folder) =>
      readdirSync(folder, {recursive: true, withFileTypes: true})
        .filter((entry) => entry.isFile())
        .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'utf8')),
    )
    expect(files.length).toBeGreaterThan(4)
    for (const text of [...files, JSON.stringify(shared.events)]) expect(text).not.toContain(key)
    expect((await judgementsOf(run)).find(({status}) => status === 'failed')).toMatchObject({
      why: 'rating: the server answers 400: "no luck with Bearer [key]"',
    })
  })

  it.each([401, 403, 404] as const)(
    'ends all at once on %i, without a retry and without the key',
    async (status) => {
      const {baseUrl, requests} = await server({fault: () => status})
      const shared = environment({key})
      const judging = judgeRuns([runOf(FOUR)], settings({baseUrl, methods: 'rubric', parallel: 1}), shared)
      const error: unknown = await judging.catch((thrown: unknown) => thrown)
      expect(error).toMatchObject({code: status === 404 ? 'judge-not-found' : 'judge-key-refused', exit: 2})
      expect(String((error as Error).stack)).not.toContain(key)
      expect(requests).toHaveLength(1)
      expect(shared.waits).toEqual([])
    },
  )
})

it('asks the judge that ships with the program when none is named', async () => {
  const {runs} = await judgeRuns([runOf(FOUR)], settings({judgeModel: undefined, threads: 1}), environment())
  expect(runs[0]?.card).toMatchObject({
    method: 'answer-correctness',
    judge: {kind: 'checkpoint', name: 'judge-mini', note: 'miniature, trained on synthetic pairs'},
  })
})

it('ends a run in which nothing comes back from the beginning', async () => {
  const {baseUrl} = await server({fault: () => 400})
  const samples = Array.from({length: 30}, (_, at) => ({answer: `word${at}`, references: [`word${at}`]}))
  const judging = judgeRuns([runOf(samples)], settings({baseUrl, methods: 'rubric'}), environment())
  await expect(judging).rejects.toMatchObject({code: 'judge-unreachable'})
})
