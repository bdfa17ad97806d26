/** Ids stay below this, so that a pair is one exact number. */
const RADIX = 2 ** 24

interface Pair {
  count: number
  /** Indices of the words in which the pair has stood; some may have lost it. */
  readonly words: Set<number>
}

interface Queued {
  readonly key: number
  readonly count: number
}

/** Counts of neighbouring tokens, and the largest of them: a heap whose stale entries are mended when they come up. */
export class PairQueue {
  readonly #pairs = new Map<number, Pair>()
  readonly #heap: Queued[] = []
  /** Pairs whose count grew since the last look. */
  readonly #grown = new Set<number>()

  change(left: number, right: number, count: number, word: number): void {
    const key = left * RADIX + right
    const pair = this.#pairs.get(key) ?? {count: 0, words: new Set<number>()}
    this.#pairs.set(key, pair)
    pair.count += count
    if (count > 0) {
      pair.words.add(word)
      this.#grown.add(key)
    }
  }

  forget(left: number, right: number): void {
    this.#pairs.delete(left * RADIX + right)
  }

  /** The most frequent pair; of equals the one with the smaller ids. Its words come in ascending order. */
  best():
    | {readonly left: number; readonly right: number; readonly count: number; readonly words: number[]}
    | undefined {
    for (const key of this.#grown) this.#push({key, count: this.#pairs.get(key)?.count ?? 0})
    this.#grown.clear()
    for (let top = this.#pop(); top !== undefined; top = this.#pop()) {
      const pair = this.#pairs.get(top.key)
      if (pair === undefined || pair.count <= 0) continue
      if (pair.count !== top.count) {
        // An entry that promised more than is left; one that promised less has a fresher one before it.
        if (pair.count < top.count) this.#push({key: top.key, count: pair.count})
        continue
      }
      const words = [...pair.words].sort((a, b) => a - b)
      return {left: Math.floor(top.key / RADIX), right: top.key % RADIX, count: top.count, words}
    }
    return undefined
  }

  #push(entry: Queued): void {
    const heap = this.#heap
    let at = heap.push(entry) - 1
    while (at > 0) {
      const parent = (at - 1) >> 1
      if (!isBefore(entry, heap[parent]!)) break
      heap[at] = heap[parent]!
      at = parent
    }
    heap[at] = entry
  }

  #pop(): Queued | undefined {
    const heap = this.#heap
    const top = heap[0]
    const last = heap.pop()
    if (top === undefined || last === undefined || heap.length === 0) return top
    let at = 0
    for (;;) {
      let child = 2 * at + 1
      if (child >= heap.length) break
      if (child + 1 < heap.length && isBefore(heap[child + 1]!, heap[child]!)) child++
      if (!isBefore(heap[child]!, last)) break
      heap[at] = heap[child]!
      at = child
    }
    heap[at] = last
    return top
  }
}

function isBefore(a: Queued, b: Queued): boolean {
  return a.count > b.count || (a.count === b.count && a.key < b.key)
}
