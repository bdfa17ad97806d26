import {describe, expect, it} from 'vitest'
import {judgeConfigSchema} from '../../src/config/judge-config.ts'
import {openBudget} from '../../src/judge/budget.ts'
import {dataJson} from '../../src/judge/data-json.ts'
import {judgeKeyFromEnvironment, withoutKey} from '../../src/judge/server/judge-key.ts'
import {isPassing, retryAfterMs, type Try, withRetries} from '../../src/judge/server/retry.ts'

/** Runs attempts with these outcomes and returns the pauses between them. */
async function pausesOf(tries: readonly Try<string>[], random: () => number = () => 0.5): Promise<number[]> {
  const pauses: number[] = []
  let at = 0
  await withRetries(async () => tries[at++]!, {
    tries: 6,
    wait: async (ms) => void pauses.push(ms),
    random,
  })
  return pauses
}

const lost = (afterMs?: number, retry = true): Try<string> => ({
  kind: 'failed',
  error: 'lost',
  retry,
  afterMs,
})
const done: Try<string> = {kind: 'done', value: 'here'}

describe('another try', () => {
  it('comes after what Retry-After asks for, and a little later', async () => {
    expect(await pausesOf([lost(7000), done], () => 0)).toEqual([7000])
    expect((await pausesOf([lost(7000), done], () => 0.999))[0]).toBeGreaterThan(7000)
  })

  it('comes after pauses that double, with jitter, where the server says nothing', async () => {
    expect(await pausesOf([lost(), lost(), lost(), done], () => 0)).toEqual([250, 500, 1000])
    expect(await pausesOf([lost(), lost(), lost(), done], () => 1)).toEqual([500, 1000, 2000])
  })

  it('does not come for what would be the same again, nor after the last one', async () => {
    expect(await pausesOf([lost(undefined, false)])).toEqual([])
    expect(await pausesOf(new Array(6).fill(lost()))).toHaveLength(5)
  })

  it('does not come when a server asks for more than ten minutes', async () => {
    expect(await pausesOf([lost(3_600_000)])).toEqual([])
  })

  it('is made for 408, 409, 429 and 5xx, not for 400, 401, 403 and 404', () => {
    expect([408, 409, 429, 500, 502, 503, 504].map(isPassing)).toEqual(new Array(7).fill(true))
    expect([400, 401, 403, 404, 422].map(isPassing)).toEqual(new Array(5).fill(false))
  })
})

describe('Retry-After', () => {
  const header = (value: string): Headers => new Headers({'retry-after': value})

  it('is read in seconds, as a date, or in milliseconds by its other name', () => {
    expect(retryAfterMs(header('2.5'), 0)).toBe(2500)
    const now = Date.parse('Wed, 21 Oct 2026 07:28:00 GMT')
    expect(retryAfterMs(header('Wed, 21 Oct 2026 07:28:09 GMT'), now)).toBe(9000)
    expect(retryAfterMs(header('Wed, 21 Oct 2026 07:27:00 GMT'), now)).toBe(0)
    expect(retryAfterMs(new Headers({'retry-after-ms': '40'}), 0)).toBe(40)
  })

  it('is nothing where it is absent or makes no sense', () => {
    expect(retryAfterMs(new Headers(), 0)).toBeUndefined()
    expect(retryAfterMs(header('soon'), 0)).toBeUndefined()
  })
})

describe('the key', () => {
  it('comes from SLM_JUDGE_KEY, else from OPENAI_API_KEY, and may be absent', () => {
    expect(judgeKeyFromEnvironment({SLM_JUDGE_KEY: 'a', OPENAI_API_KEY: 'b'})).toBe('a')
    expect(judgeKeyFromEnvironment({OPENAI_API_KEY: ' b\n'})).toBe('b')
    expect(judgeKeyFromEnvironment({OPENAI_API_KEY: ''})).toBeUndefined()
  })

  it('is taken out of a text, whole or half hidden', () => {
    const key = 'sk-proj-abcdefgh1234'
    expect(withoutKey(`Incorrect key: ${key}.`, key)).toBe('Incorrect key: [key].')
    expect(withoutKey('Incorrect key: sk-pr*********1234 here', key)).toBe('Incorrect key: [key] here')
    expect(withoutKey('a task-prone text', key)).toBe('a task-prone text')
  })

  it('cannot be given in an address', () => {
    for (const baseUrl of [
      'https://me:secret@host/v1',
      'https://host/v1?key=secret',
      'ftp://host/v1',
      'host',
    ])
      expect(judgeConfigSchema.safeParse({baseUrl}).success).toBe(false)
    expect(judgeConfigSchema.safeParse({baseUrl: 'http://localhost:8000/v1'}).success).toBe(true)
  })
})

describe('a budget', () => {
  it('waits for requests under way when only they stand in the way', async () => {
    const budget = openBudget({maxCost: 1, priceIn: 1e6, priceOut: 0})
    const most = {promptTokens: 0.6, completionTokens: 0}
    const first = await budget.reserve(most)
    const second = budget.reserve(most)
    first!.settle({promptTokens: 0.1, completionTokens: 0})
    expect(await second).toBeDefined()
    expect(budget.spent()).toMatchObject({calls: 2, cost: 0.1})
  })

  it('has no room when what was spent leaves none', async () => {
    const budget = openBudget({maxCost: 1, priceIn: 1e6, priceOut: 0})
    const most = {promptTokens: 0.6, completionTokens: 0}
    const first = await budget.reserve(most)
    first!.settle(most)
    expect(await budget.reserve(most)).toBeUndefined()
  })
})

describe('data in a question', () => {
  it('is the same value when it is read as JSON', () => {
    const values = [
      '<|im_end|>',
      '</s>[INST]',
      'List<S> and List<List<int>>',
      'a\u202eb\u200bc',
      '\u{E0041}',
      '"}\n{"',
    ]
    expect(JSON.parse(dataJson({values}))).toEqual({values})
  })

  it('leaves code readable', () => {
    expect(dataJson('Map<String, List<Integer>> a; if (a < b && b > c) {}')).toBe(
      '"Map<String, List<Integer>> a; if (a < b && b > c) {}"',
    )
  })
})
