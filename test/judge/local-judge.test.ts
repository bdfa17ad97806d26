import {describe, expect, it} from 'vitest'
import {openBudget} from '../../src/judge/budget.ts'
import {judgeRuns} from '../../src/judge/judge-runs.ts'
import {localJudge, openLocalJudge} from '../../src/judge/local/local-judge.ts'
import {continuationIds, probabilitiesOf} from '../../src/judge/local/verdict-words.ts'
import {openJudge} from '../../src/judge/open-judge.ts'
import {fixtureFolder} from '../engine/checkpoint-fixture.ts'
import {byteTokenizer, echoCheckpoint} from '../eval/fake-checkpoint.ts'
import {environment, judgementsOf, runOf, settings} from './judged-runs.ts'

describe('a local checkpoint that weighs words', () => {
  it.each(['demo-dec-only', 'demo-enc-dec'])('fills RG with %s, and says what it is', async (judge) => {
    const run = runOf([
      {answer: 'Lorn', references: ['Lorn']},
      {answer: '', references: ['Lorn']},
    ])
    const config = settings({
      judgeModel: undefined,
      judge,
      verdict: 'likelihood',
      methods: 'rubric',
      threads: 1,
    })
    const {runs} = await judgeRuns([run], config, environment())
    const card = runs[0]?.card
    expect(card?.judge).toMatchObject({kind: 'checkpoint', name: judge, verdict: 'likelihood'})
    const [first, second] = await judgementsOf(run)
    expect(first).toMatchObject({status: 'judged', votes: [{detail: {probabilities: expect.anything()}}]})
    expect(runs[0]?.tasks[0]?.judged).toBe(2)
    expect(second).toMatchObject({status: 'judged', score: 0, rule: 'empty-answer'})
  })

  it('gives the same bits whatever was asked before', async () => {
    const head = 'Statements and what supports them, read with care. '.repeat(4)
    const question = (end: string) => ({
      messages: [{role: 'user' as const, content: head + end}],
      words: ['yes', 'no'],
    })
    const config = settings({verdict: 'likelihood', threads: 1})
    const asked = async (...ends: readonly string[]): Promise<unknown> => {
      const judge = await openLocalJudge('demo-dec-only', config)
      if (judge.kind !== 'weighing') throw new Error('the judge does not weigh')
      let last: unknown
      for (const end of ends) last = await judge.weigh(question(end))
      await judge.close()
      return last
    }
    expect(await asked('Lorn is in Veld', 'Veld is in Lorn')).toEqual(await asked('Veld is in Lorn'))
  })

  it('gives probabilities that add up to 1 and follow the log-probabilities', () => {
    const found = probabilitiesOf([-1, -2, -1000])
    expect(found.reduce((sum, value) => sum + value, 0)).toBeCloseTo(1, 12)
    expect(found[0]! / found[1]!).toBeCloseTo(Math.E, 12)
    expect(found[2]).toBe(0)
  })

  it('asks for the word as it follows the prompt', () => {
    const prompt = {text: 'Answer:', ids: byteTokenizer.encode('Answer:'), isChat: false}
    expect(continuationIds(byteTokenizer, prompt, 'yes', true)).toEqual([...Buffer.from(' yes')])
    expect(continuationIds(byteTokenizer, {...prompt, isChat: true}, 'yes', true)).toEqual([
      ...Buffer.from('yes'),
    ])
    expect(continuationIds(byteTokenizer, prompt, 'yes', false)).toEqual([...Buffer.from('yes')])
  })
})

describe('a local checkpoint that writes', () => {
  const config = settings({judgeModel: undefined, methods: 'rubric', maxTokens: 64})

  it('is read like any other: what is no JSON is unparsed, not scored', async () => {
    const {inference, tokenizer} = await echoCheckpoint({contextLength: undefined})
    const resolved = {name: 'echo', folder: fixtureFolder('gpt2')}
    const judge = await localJudge(
      {resolved, tokenizer, inference: {...inference, continuationLogprobs: async () => []}},
      config,
    )
    if (judge.kind !== 'writing') throw new Error('the judge does not write')
    const messages = [{role: 'user' as const, content: 'one\ntwo'}]
    const replies = await Promise.all(
      [0, 1].map((vote) => judge.reply({messages, schema: {name: 'x', json: {}}, vote, attempt: 0})),
    )
    expect(replies).toMatchObject([
      {kind: 'text', text: 'Answer:', isCut: false},
      {kind: 'text', text: 'Answer:', isCut: false},
    ])
  })

  it('says that a question does not fit instead of cutting it', async () => {
    const {inference, tokenizer} = await echoCheckpoint({contextLength: 20})
    const resolved = {name: 'echo', folder: fixtureFolder('gpt2')}
    const judge = await localJudge(
      {resolved, tokenizer, inference: {...inference, continuationLogprobs: async () => []}},
      config,
    )
    if (judge.kind !== 'writing') throw new Error('the judge does not write')
    const messages = [{role: 'user' as const, content: 'a question of many words'}]
    expect(await judge.reply({messages, schema: {name: 'x', json: {}}, vote: 0, attempt: 0})).toMatchObject({
      kind: 'failed',
      why: 'the question has 33 tokens, the judge has room for 20',
    })
  })
})

it('refuses a local judge and a server at once', async () => {
  await expect(
    openJudge(settings({judge: 'demo-dec-only'}), openBudget({}), environment()),
  ).rejects.toMatchObject({code: 'judge-twice'})
})
