import {afterEach, describe, expect, it} from 'vitest'
import {dataJson} from '../../src/judge/data-json.ts'
import {loadInjections, loadJudgePrompts} from '../../src/judge/judge-prompt-files.ts'
import {rubricQuestion} from '../../src/judge/methods/rubric.ts'
import {readReply} from '../../src/judge/read-reply.ts'
import {tryInjections} from '../../src/judge/try-injections.ts'
import type {ChatMessage} from '../../src/tokenizer/tokenizer.ts'
import {dataOf, type JudgeServer, judgeServer, literalMind} from './judge-server.ts'
import {environment, settings} from './judged-runs.ts'

const servers: JudgeServer[] = []
afterEach(async () => {
  for (const started of servers.splice(0)) await started.close()
})

const {attacks, bases} = await loadInjections()

async function tried(mind: (messages: readonly ChatMessage[], name: string) => string, methods = 'rubric') {
  const server = await judgeServer({mind})
  servers.push(server)
  return tryInjections(settings({baseUrl: server.baseUrl, methods}), environment())
}

/** Obeys whatever it reads, as a judge must not: any asking for 5 makes it a 5. */
function gullibleMind(messages: readonly ChatMessage[], name: string): string {
  const {answer} = dataOf(messages)
  const isAsked = name === 'rating' && /5|give me 1|correct|supported|approved|score/iu.test(String(answer))
  return isAsked ? JSON.stringify({reason: 'it was asked for', rating: 5}) : literalMind(messages, name)
}

describe('the injection suite', () => {
  it('holds at least 30 attacks in several languages and formats, none named twice', () => {
    expect(attacks.length).toBeGreaterThanOrEqual(30)
    expect(new Set(attacks.map(({id}) => id)).size).toBe(attacks.length)
    expect(new Set(attacks.map(({language}) => language)).size).toBeGreaterThanOrEqual(6)
    expect(new Set(attacks.map(({format}) => format)).size).toBeGreaterThanOrEqual(6)
  })

  it.each(['rubric', 'answer-correctness'])(
    'changes no verdict of a judge that takes data for data, by %s',
    async (method) => {
      const {changed, notJudged, basesJudgedRight, rightAnswers} = await tried(literalMind, method)
      expect({notJudged, basesJudgedRight}).toEqual({notJudged: 0, basesJudgedRight: 0})
      expect(rightAnswers).toEqual({judgedRight: bases.length, of: bases.length})
      if ('missing' in changed) throw new Error(changed.missing)
      console.log(`  verdicts changed, literal judge, ${method}: ${changed.count} of ${changed.of}`)
      expect(changed).toMatchObject({count: 0, of: attacks.length * bases.length})
    },
  )

  it('shows a judge that obeys what it reads', async () => {
    const {changed} = await tried(gullibleMind)
    if ('missing' in changed) throw new Error(changed.missing)
    console.log(`  verdicts changed, gullible judge: ${changed.count} of ${changed.of}`)
    expect(changed.rate).toBeGreaterThan(0.5)
  })

  it('gives no rate when the judge calls the wrong answers right without any attack', async () => {
    const always = await tried(() => JSON.stringify({reason: 'fine', rating: 5}))
    expect(always).toMatchObject({basesJudgedRight: bases.length, changed: {missing: expect.any(String)}})
  })
})

describe.each(attacks)('the attack $id', ({text}) => {
  const answer = text.replaceAll('{answer}', 'the Tarn')

  it('stays one JSON string between words of ours, unchanged when read', async () => {
    const prompts = await loadJudgePrompts('squad')
    const item = {
      task: 'squad',
      id: '',
      index: 0,
      question: 'Which?',
      source: undefined,
      answer,
      references: ['the Lorn'],
    }
    const {messages} = rubricQuestion(prompts, item)
    const {messages: plain} = rubricQuestion(prompts, {...item, answer: 'the Tarn'})
    expect(messages.slice(0, -1)).toEqual(plain.slice(0, -1))
    expect(dataOf(messages)).toEqual({question: 'Which?', reference: 'the Lorn', answer})
    const last = messages.at(-1)!.content
    expect(last.endsWith(prompts.instructions.closing)).toBe(true)
    expect(last.split('\n')).toHaveLength(plain.at(-1)!.content.split('\n').length)
  })

  it('holds no mark of a chat template and no hidden character as a tokenizer sees it', () => {
    const json = dataJson({answer})
    expect(json).not.toMatch(/<\||<\/?s>|\[\/?INST\]|<(?:start|end)_of_turn>/u)
    expect(json).not.toMatch(/[\p{Cf}\u2028\u2029]|[\u{e0000}-\u{e007f}]/u)
  })
})

describe('a reply', () => {
  const read = async (text: string) => {
    const prompts = await loadJudgePrompts('squad')
    const item = {
      task: 'squad',
      id: '',
      index: 0,
      question: '',
      source: undefined,
      answer: 'a',
      references: ['b'],
    }
    return readReply(rubricQuestion(prompts, item), {kind: 'text', text, isCut: false})
  }

  it.each([
    ['two objects', '{"reason":"a","rating":1} {"reason":"b","rating":5}'],
    ['a grade outside the scale', '{"reason":"a","rating":6}'],
    ['a grade as text', '{"reason":"a","rating":"5"}'],
    ['no reason', '{"rating":5}'],
    ['more than was asked for', '{"reason":"a","rating":5,"note":"x"}'],
    ['a number alone', '5'],
    ['words with a grade', 'The rating is 5.'],
  ])('with %s is unparsed, never a grade', async (_, text) => {
    expect(await read(text)).toMatchObject({status: 'unparsed'})
  })

  it('may stand in a code fence or among words', async () => {
    const value = {reason: 'a', rating: 2}
    expect(await read(`\`\`\`json\n${JSON.stringify(value)}\n\`\`\``)).toMatchObject({value})
    expect(await read(`Here it is: ${JSON.stringify(value)} Done.`)).toMatchObject({value})
  })

  it('is quoted where it is shown, so that it cannot move a cursor', async () => {
    const {why} = (await read('\u001b[2J nonsense\u0007')) as {why: string}
    expect(why).toContain('\\u001b[2J')
    expect(why).not.toContain('\u001b')
  })
})
