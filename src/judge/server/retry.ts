/** One try of a request: a value, or why it has none and whether another try may help. */
export type Try<Value> =
  | {readonly kind: 'done'; readonly value: Value}
  | {
      readonly kind: 'failed'
      readonly error: Value
      readonly retry: boolean
      readonly afterMs?: number | undefined
    }

export interface RetryOptions {
  readonly tries: number
  /** Pauses; replaced in tests. */
  readonly wait: (ms: number) => Promise<void>
  /** 0 <= r < 1: jitter, which decides no score. */
  readonly random: () => number
}

const FIRST_PAUSE_MS = 500
const LONGEST_PAUSE_MS = 60_000
/** A server that asks for more is not waited for: the sample stays unjudged until the command is repeated. */
const LONGEST_RETRY_AFTER_MS = 600_000

/**
 * Tries again while that may help: after what the server asks for (Retry-After) and a little more, else after a random
 * part of a pause that doubles ("full jitter", so that parallel requests do not come back together).
 */
export async function withRetries<Value>(
  attempt: (number: number) => Promise<Try<Value>>,
  {tries, wait, random}: RetryOptions,
): Promise<Value> {
  for (let number = 1; ; number += 1) {
    const result = await attempt(number)
    if (result.kind === 'done') return result.value
    const {afterMs} = result
    if (!result.retry || number >= tries || (afterMs ?? 0) > LONGEST_RETRY_AFTER_MS) return result.error
    const pause = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (number - 1))
    await wait(afterMs === undefined ? pause * (0.5 + random() / 2) : afterMs + random() * FIRST_PAUSE_MS)
  }
}

/** Statuses that another try may mend; 400, 401, 403 and 404 would be the same again. */
export function isPassing(status: number): boolean {
  return status === 408 || status === 409 || status === 425 || status === 429 || status >= 500
}

/** Milliseconds that a server asks to wait: `retry-after-ms`, or Retry-After in seconds or as a date (RFC 9110, 10.2.3). */
export function retryAfterMs(headers: Headers, nowMs: number): number | undefined {
  const exact = Number(headers.get('retry-after-ms') ?? Number.NaN)
  if (Number.isFinite(exact) && exact >= 0) return exact
  const text = headers.get('retry-after')
  if (text === null) return undefined
  const seconds = Number(text)
  if (Number.isFinite(seconds)) return Math.max(0, seconds * 1000)
  const date = Date.parse(text)
  return Number.isNaN(date) ? undefined : Math.max(0, date - nowMs)
}
