import {SlmError} from '../../errors.ts'
import type {TokenUsage} from '../../store/judgement.ts'
import type {Budget} from '../budget.ts'
import {estimatedTokens} from '../estimated-tokens.ts'
import type {LostRequest} from '../judge.ts'
import {JudgingStopped} from '../stopped.ts'
import {withoutKey} from './judge-key.ts'
import {isPassing, type RetryOptions, retryAfterMs, type Try, withRetries} from './retry.ts'

/** How a server is reached. All of it can be replaced in tests. */
export interface Connection extends RetryOptions {
  /** With its /v1, without a slash at the end. */
  readonly baseUrl: string
  readonly key: string | undefined
  readonly timeoutMs: number
  readonly budget: Budget
  readonly fetch: typeof fetch
  readonly nowMs: () => number
  /** Aborted: requests under way are given up. */
  readonly signal: AbortSignal
}

export type Received =
  | {readonly kind: 'received'; readonly json: unknown; readonly settle: (usage: TokenUsage) => void}
  | LostRequest

const SHOWN = 300

/**
 * POSTs JSON and returns the JSON that comes back. Retries what may pass; a request that would be refused again ends all
 * (401, 403, 404) or this sample (400 and the rest). The receiver settles the budget with the tokens that were used.
 */
export async function post(
  connection: Connection,
  path: string,
  body: object,
  most: TokenUsage,
): Promise<Received> {
  return withRetries(() => once(connection, path, body, most), connection)
}

async function once(
  connection: Connection,
  path: string,
  body: object,
  most: TokenUsage,
): Promise<Try<Received>> {
  const {budget, signal, timeoutMs} = connection
  if (signal.aborted) throw new JudgingStopped('interrupted')
  const reservation = await budget.reserve(most)
  if (reservation === undefined) throw new JudgingStopped('the budget is used up')
  const timeout = AbortSignal.timeout(timeoutMs)
  try {
    const response = await send(connection, path, body, AbortSignal.any([timeout, signal]))
    const text = await response.text()
    if (response.ok) return received(text, reservation.settle, most)
    reservation.settle({promptTokens: 0, completionTokens: 0})
    return refused(connection, path, response, text)
  } catch (error) {
    if (error instanceof SlmError) throw error
    // What was sent may have been counted by the server, whether or not its reply came.
    reservation.settle(timeout.aborted ? most : {promptTokens: 0, completionTokens: 0})
    if (signal.aborted) throw new JudgingStopped('interrupted')
    if (timeout.aborted) return lost('timed-out', `no reply within ${timeoutMs / 1000} s`)
    return lost('failed', `the server cannot be reached (${withoutKey(codeOf(error), connection.key)})`)
  }
}

function send(
  {baseUrl, key, fetch: request}: Connection,
  path: string,
  body: object,
  signal: AbortSignal,
): Promise<Response> {
  return request(`${baseUrl}${path}`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      ...(key === undefined ? {} : {authorization: `Bearer ${key}`}),
    },
    body: JSON.stringify(body),
    // A redirect could carry the key elsewhere.
    redirect: 'error',
    signal,
  })
}

/** A body that is cut or is no JSON is one that another try may mend; the server will have counted it. */
function received(text: string, settle: (usage: TokenUsage) => void, most: TokenUsage): Try<Received> {
  try {
    return {kind: 'done', value: {kind: 'received', json: JSON.parse(text), settle}}
  } catch {
    settle({promptTokens: most.promptTokens, completionTokens: estimatedTokens(text)})
    return lost('failed', 'the server’s reply is not JSON')
  }
}

function lost(kind: LostRequest['kind'], why: string): Try<Received> {
  return {kind: 'failed', error: {kind, why}, retry: true}
}

function refused(connection: Connection, path: string, response: Response, text: string): Try<Received> {
  const {status, headers} = response
  const address = `${connection.baseUrl}${path}`
  // A server's words about a key may hold the key, so they are not shown.
  if (status === 401 || status === 403)
    throw new SlmError(
      'judge-key-refused',
      `${address} answers ${status}: the key is missing or not allowed`,
      {
        hint: 'Set SLM_JUDGE_KEY (or OPENAI_API_KEY) to a key of this server.',
      },
    )
  const said = saidBy(text, connection.key)
  if (status === 404)
    throw new SlmError('judge-not-found', `${address} answers 404${said}`, {
      hint: 'Check --base-url (it ends in /v1 with most servers) and --judge-model.',
    })
  const why = `the server answers ${status}${said}`
  const afterMs = retryAfterMs(headers, connection.nowMs())
  return {kind: 'failed', error: {kind: 'failed', why}, retry: isPassing(status), afterMs}
}

/** The server's own message, quoted and short; empty where it has none. */
function saidBy(text: string, key: string | undefined): string {
  const found = messageIn(text)
  if (found.trim() === '') return ''
  return `: ${JSON.stringify(withoutKey(found, key).slice(0, SHOWN))}`
}

function messageIn(text: string): string {
  try {
    const {error}: {error?: {message?: unknown} | string} = JSON.parse(text)
    return typeof error === 'string' ? error : String(error?.message ?? '')
  } catch {
    return text.startsWith('<') ? '' : text
  }
}

function codeOf(error: unknown): string {
  const cause = error instanceof Error ? (error.cause ?? error) : error
  if (cause instanceof Error && 'code' in cause) return String(cause.code)
  return cause instanceof Error ? cause.message : String(cause)
}
