/** Maps items with at most `parallel` under way at a time; the results are in the order of the items. The first error ends all. */
export async function mapInParallel<Item, Value>(
  items: readonly Item[],
  parallel: number,
  map: (item: Item, index: number) => Promise<Value>,
): Promise<Value[]> {
  const results = new Array<Value>(items.length)
  const rest = items.entries()
  let isFailed = false
  const work = async (): Promise<void> => {
    // One iterator for all workers: each takes the next item.
    for (const [index, item] of rest) {
      if (isFailed) return
      try {
        results[index] = await map(item, index)
      } catch (error) {
        isFailed = true
        throw error
      }
    }
  }
  await Promise.all(Array.from({length: Math.min(parallel, items.length)}, work))
  return results
}
