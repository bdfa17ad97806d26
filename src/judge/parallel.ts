import {JudgingStopped} from './stopped.ts'

/**
 * Maps items with at most `parallel` under way at a time; the results are in the order of the items. The first error ends
 * all once those under way have ended, whose replies may have been paid for; so does `signal`, with `JudgingStopped`.
 */
export async function mapInParallel<Item, Value>(
  items: readonly Item[],
  {parallel, signal}: {readonly parallel: number; readonly signal: AbortSignal},
  map: (item: Item, index: number) => Promise<Value>,
): Promise<Value[]> {
  const results = new Array<Value>(items.length)
  const rest = items.entries()
  const errors: unknown[] = []
  const work = async (): Promise<void> => {
    // One iterator for all workers: each takes the next item.
    for (const [index, item] of rest) {
      if (signal.aborted) errors.push(new JudgingStopped('interrupted'))
      if (errors.length > 0) return
      try {
        results[index] = await map(item, index)
      } catch (error) {
        errors.push(error)
      }
    }
  }
  await Promise.all(Array.from({length: Math.min(parallel, items.length)}, work))
  if (errors.length > 0) throw errors[0]
  return results
}
