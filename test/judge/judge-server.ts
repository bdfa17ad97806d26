import {createHash} from 'node:crypto'
import {createServer, type ServerResponse} from 'node:http'
import type {AddressInfo} from 'node:net'
import type {ChatMessage} from '../../src/tokenizer/tokenizer.ts'

/** A request as the server saw it. */
export interface SeenRequest {
  readonly path: string
  readonly authorization: string | undefined
  readonly body: Readonly<Record<string, unknown>>
  /** sha256 over messages and seed: the same question, vote and try. */
  readonly question: string
  /** True once a whole reply of use was sent. */
  isAnswered: boolean
}

export type Fault = 'none' | 429 | 500 | 400 | 401 | 403 | 404 | 'hang' | 'cut-body' | 'not-json' | 'refusal'

export interface JudgeServerOptions {
  /** What goes wrong with request n (from 0); nothing by default. */
  readonly fault?: (n: number) => Fault
  /** The judge's mind: the reply to messages, as text. Literal by default. */
  readonly mind?: (messages: readonly ChatMessage[], schemaName: string) => string
  readonly retryAfter?: string
}

export interface JudgeServer {
  readonly baseUrl: string
  readonly requests: SeenRequest[]
  readonly close: () => Promise<void>
}

/** A small OpenAI-compatible server: chat completions and embeddings. */
export async function judgeServer(options: JudgeServerOptions = {}): Promise<JudgeServer> {
  const requests: SeenRequest[] = []
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const body = JSON.parse(Buffer.concat(chunks).toString('utf8'))
      const {messages = [], seed, input} = body
      const question = createHash('sha256')
        .update(JSON.stringify([messages, seed, input]))
        .digest('hex')
      const seen: SeenRequest = {
        path: request.url ?? '',
        authorization: request.headers.authorization,
        body,
        question,
        isAnswered: false,
      }
      const fault = options.fault?.(requests.length) ?? 'none'
      requests.push(seen)
      answer(seen, fault, options, response)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const {port} = server.address() as AddressInfo
  return {
    baseUrl: `http://127.0.0.1:${port}/v1`,
    requests,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections()
        server.close(() => resolve())
      }),
  }
}

function answer(
  seen: SeenRequest,
  fault: Fault,
  {mind = literalMind, retryAfter}: JudgeServerOptions,
  response: ServerResponse,
): void {
  if (fault === 'hang') return
  if (typeof fault === 'number') {
    const headers = {'content-type': 'application/json', ...(retryAfter ? {'retry-after': retryAfter} : {})}
    const said = `no luck with ${seen.authorization ?? 'no key'}`
    response.writeHead(fault, headers).end(JSON.stringify({error: {message: said}}))
    return
  }
  if (seen.path === '/v1/embeddings') {
    const texts = seen.body['input'] as string[]
    seen.isAnswered = true
    const data = texts.map((text, index) => ({index, embedding: letterCounts(text)}))
    response.end(JSON.stringify({data, usage: {prompt_tokens: texts.length}}))
    return
  }
  const messages = seen.body['messages'] as ChatMessage[]
  const format = seen.body['response_format'] as {json_schema?: {name?: string}} | undefined
  const text =
    fault === 'not-json' ? 'Well, {"statements": [' : mind(messages, format?.json_schema?.name ?? '')
  const message = fault === 'refusal' ? {content: null, refusal: 'I will not.'} : {content: text}
  const json = JSON.stringify({
    id: 'x',
    model: 'judge-2026-01-01',
    system_fingerprint: 'fp_1',
    choices: [{message, finish_reason: 'stop'}],
    usage: {prompt_tokens: 100, completion_tokens: 20},
  })
  if (fault === 'cut-body') {
    response.writeHead(200, {'content-length': json.length})
    response.write(json.slice(0, 40), () => response.destroy())
    return
  }
  seen.isAnswered = fault === 'none'
  response.end(json)
}

/** (26): how often each letter occurs, plus one. */
function letterCounts(text: string): number[] {
  return Array.from(
    {length: 26},
    (_, letter) => 1 + text.toLowerCase().split(String.fromCharCode(97 + letter)).length,
  )
}

/** The data of the last message: the JSON before the closing words. */
export function dataOf(messages: readonly ChatMessage[]): Record<string, unknown> {
  const last = messages.at(-1)?.content ?? ''
  return JSON.parse(last.slice(0, last.lastIndexOf('}') + 1))
}

const words = (text: string): string[] => text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? []

/** Judges by words alone, and only by what stands in the data: sentences are statements, all words must be in the other text. */
export function literalMind(messages: readonly ChatMessage[], schemaName: string): string {
  const data = dataOf(messages)
  if (schemaName.startsWith('statements')) {
    const statements = String(data['text'])
      .split(/(?<=[.!?])\s+/)
      .filter((text) => text.trim() !== '')
    return JSON.stringify({statements})
  }
  if (schemaName === 'verdicts') {
    type List = {index: number; statement: string}[]
    const [answer, reference] = [data['answer'] as List, data['reference'] as List]
    const judged = (list: List, other: List) => {
      const known = new Set(other.flatMap(({statement}) => words(statement)))
      return list.map(({index, statement}) => ({
        index,
        reason: 'by its words',
        supported: words(statement).every((word) => known.has(word)),
      }))
    }
    return JSON.stringify({answer: judged(answer, reference), reference: judged(reference, answer)})
  }
  const shared = (text: unknown): number => {
    const known = new Set(words(String(data['reference'] ?? data['question'])))
    const all = words(String(text))
    return all.length === 0 ? 0 : all.filter((word) => known.has(word)).length / all.length
  }
  if (schemaName === 'rating')
    return JSON.stringify({reason: 'by its words', rating: 1 + Math.round(4 * shared(data['answer']))})
  const gap = shared(data['A']) - shared(data['B'])
  return JSON.stringify({reason: 'by its words', better: gap === 0 ? 'tie' : gap > 0 ? 'A' : 'B'})
}
