import {SlmError} from '../errors.ts'

/** What a download needs from outside; all of it can be replaced in tests. */
export interface RemoteOptions {
  readonly fetch?: typeof fetch
  /** Sent as a bearer token to this origin alone, never to where it redirects. */
  readonly token?: {readonly value: string; readonly origin: string} | undefined
  /** Pause before another try. */
  readonly wait?: (ms: number) => Promise<void>
  readonly signal?: AbortSignal | undefined
}

/** An answer, and the headers of all answers on the way to it. */
export interface RemoteResponse {
  readonly response: Response
  /** Commit that the hub says a branch stands for. */
  readonly commit: string | undefined
}

/** Tries before a download is given up; the pauses between them double from half a second. */
const TRIES = 5
const REDIRECTS = 8

/**
 * GET with redirects and retries. Redirects are followed here and not by fetch, so that the token provably stays
 * with its origin. Statuses 200, 206 and 416 are returned, everything else is an error that says what to do.
 */
export async function request(
  url: string,
  headers: Readonly<Record<string, string>>,
  options: RemoteOptions,
): Promise<RemoteResponse> {
  for (let attempt = 1; ; attempt++) {
    try {
      const answer = await followed(url, headers, options)
      const {status} = answer.response
      if (status === 200 || status === 206 || status === 416) return answer
      await answer.response.body?.cancel()
      if (!isPassing(status) || attempt === TRIES) throw refused(url, status)
      await pause(attempt, options, answer.response.headers.get('retry-after'))
    } catch (error) {
      if (error instanceof SlmError) throw error
      if (options.signal?.aborted) throw error
      if (attempt === TRIES || isNameUnknown(error)) throw unreachable(url, error)
      await pause(attempt, options, null)
    }
  }
}

/** Waits before try `attempt + 1`: as long as the server asks for, at most a minute, else half a second doubled each time. */
export async function pause(
  attempt: number,
  options: RemoteOptions,
  retryAfter: string | null,
): Promise<void> {
  const seconds = Number(retryAfter ?? Number.NaN)
  const ms = Number.isFinite(seconds) ? Math.min(seconds, 60) * 1000 : 500 * 2 ** (attempt - 1)
  await (options.wait ?? ((time) => new Promise((resolve) => setTimeout(resolve, time))))(ms)
}

async function followed(
  start: string,
  headers: Readonly<Record<string, string>>,
  {fetch: get = fetch, token, signal}: RemoteOptions,
): Promise<RemoteResponse> {
  let url = new URL(start)
  let commit: string | undefined
  for (let hop = 0; hop <= REDIRECTS; hop++) {
    const secret =
      token !== undefined && token.origin === url.origin ? {authorization: `Bearer ${token.value}`} : {}
    const init = {headers: {...headers, ...secret}, redirect: 'manual' as const, ...(signal ? {signal} : {})}
    const response = await get(url, init)
    commit ??= response.headers.get('x-repo-commit') ?? undefined
    const location = response.headers.get('location')
    if (![301, 302, 303, 307, 308].includes(response.status) || location === null) return {response, commit}
    await response.body?.cancel()
    const next = new URL(location, url)
    if (next.protocol !== url.protocol && next.protocol !== 'https:')
      throw new SlmError(
        'download-redirect',
        `${shown(start)} redirects to ${next.protocol} without encryption`,
      )
    url = next
  }
  throw new SlmError('download-redirect', `${shown(start)} redirects more than ${REDIRECTS} times`)
}

/** Statuses that another try may mend. */
function isPassing(status: number): boolean {
  return status === 408 || status === 425 || status === 429 || status >= 500
}

/** Without the query: signed addresses hold secrets there. */
export function shown(url: string): string {
  const {origin, pathname} = new URL(url)
  return origin + pathname
}

function refused(url: string, status: number): SlmError {
  if (status === 401 || status === 403)
    return new SlmError('download-refused', `${shown(url)} answers ${status}: not allowed`, {
      hint: 'Set HF_TOKEN to a token that may read it (and accept the set’s terms on its page), or name your copy with --data FILE.',
    })
  if (status === 404)
    return new SlmError('download-missing', `${shown(url)} does not exist (404)`, {
      hint: 'Check the revision (--revision) and the endpoint (--endpoint, HF_ENDPOINT), or name your copy with --data FILE.',
    })
  return new SlmError('download-failed', `${shown(url)} answers ${status}`, {
    hint: 'Try again later, or name your copy with --data FILE.',
  })
}

function isNameUnknown(error: unknown): boolean {
  return codeOf(error) === 'ENOTFOUND'
}

export function codeOf(error: unknown): string {
  const cause: unknown = error instanceof Error ? (error.cause ?? error) : error
  return cause instanceof Error && 'code' in cause
    ? String(cause.code)
    : String(cause instanceof Error ? cause.message : cause)
}

export function unreachable(url: string, cause: unknown): SlmError {
  return new SlmError('offline', `${new URL(url).origin} cannot be reached (${codeOf(cause)})`, {
    hint: 'Connect to the network, name a mirror with --endpoint or HF_ENDPOINT, or copy the files here and name them with --data FILE.',
    cause,
  })
}
