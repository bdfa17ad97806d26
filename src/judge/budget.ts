import type {TokenUsage} from '../store/judgement.ts'

export interface BudgetLimits {
  readonly maxCalls?: number | undefined
  readonly maxCost?: number | undefined
  /** Of a million tokens; both or none. */
  readonly priceIn?: number | undefined
  readonly priceOut?: number | undefined
}

/** What was spent in this start of the program; replies from the cache cost nothing. */
export interface Spent {
  /** Requests that were sent, those that failed included. */
  readonly calls: number
  readonly promptTokens: number
  readonly completionTokens: number
  /** Undefined without prices. */
  readonly cost: number | undefined
}

/** Room for one request. It must be given back by `settle`. */
export interface Reservation {
  settle(usage: TokenUsage): void
}

export interface Budget {
  /** Waits for requests under way when only they stand in its way; undefined when the budget has no room any more. */
  reserve(most: TokenUsage): Promise<Reservation | undefined>
  spent(): Spent
}

/**
 * Keeps requests within a number and a cost. A request is let through only when the most that it can cost still fits
 * beside what was spent and what others under way can cost, so neither limit is ever passed.
 */
export function openBudget({maxCalls, maxCost, priceIn = 0, priceOut = 0}: BudgetLimits): Budget {
  const hasPrices = priceIn > 0 || priceOut > 0
  const costOf = ({promptTokens, completionTokens}: TokenUsage): number =>
    (promptTokens * priceIn + completionTokens * priceOut) / 1e6
  let calls = 0
  let reserved = 0
  let underWay = 0
  let waiting: (() => void)[] = []
  const spent = {promptTokens: 0, completionTokens: 0}
  const wake = (): void => {
    const all = waiting
    waiting = []
    for (const resolve of all) resolve()
  }
  return {
    reserve: async (most) => {
      const cost = costOf(most)
      for (;;) {
        if (maxCalls !== undefined && calls >= maxCalls) return undefined
        if (maxCost === undefined || costOf(spent) + reserved + cost <= maxCost) break
        if (underWay === 0) return undefined
        await new Promise<void>((resolve) => waiting.push(resolve))
      }
      calls += 1
      underWay += 1
      reserved += cost
      return {
        settle: ({promptTokens, completionTokens}) => {
          underWay -= 1
          reserved = underWay === 0 ? 0 : reserved - cost
          spent.promptTokens += promptTokens
          spent.completionTokens += completionTokens
          wake()
        },
      }
    },
    spent: () => ({calls, ...spent, cost: hasPrices ? costOf(spent) : undefined}),
  }
}
