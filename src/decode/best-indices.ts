/** Index of the largest of from <= i < to, the lowest of equals; -1 where a value is not a number. */
export function argmax(values: Float32Array, from: number, to: number): number {
  let best = from
  let largest = values[from]!
  if (Number.isNaN(largest)) return -1
  let index = from
  // Eight at a time: one branch that is hardly ever taken (1.5 times as fast as one by one). What is not a number is not
  // at most the largest either.
  for (; index + 8 <= to; index += 8) {
    const isBelow =
      values[index]! <= largest &&
      values[index + 1]! <= largest &&
      values[index + 2]! <= largest &&
      values[index + 3]! <= largest &&
      values[index + 4]! <= largest &&
      values[index + 5]! <= largest &&
      values[index + 6]! <= largest &&
      values[index + 7]! <= largest
    if (isBelow) continue
    for (let near = index; near < index + 8; near += 1) {
      if (values[near]! > largest) {
        largest = values[near]!
        best = near
      } else if (Number.isNaN(values[near]!)) return -1
    }
  }
  for (; index < to; index += 1) {
    if (values[index]! > largest) {
      largest = values[index]!
      best = index
    } else if (Number.isNaN(values[index]!)) return -1
  }
  return best
}

/**
 * Indices of the `count` largest of from <= i < to, best first, equals by rising index. A heap of `count` with the
 * worst on top, so that the vocabulary is never sorted. NaN is never chosen.
 */
export function bestIndices(values: Float32Array, from: number, to: number, count: number): Int32Array {
  const heap = new Int32Array(Math.min(count, to - from))
  if (heap.length === 0) return heap
  let size = 0
  let worst = Number.NEGATIVE_INFINITY
  for (let index = from; index < to; index += 1) {
    const value = values[index]!
    if (size < heap.length) {
      if (Number.isNaN(value)) continue
      size += 1
      siftUp(heap, size - 1, index, values)
      worst = values[heap[0]!]!
    } else if (value > worst) {
      siftDown(heap, index, values)
      worst = values[heap[0]!]!
    }
  }
  return heap.slice(0, size).sort((a, b) => values[b]! - values[a]! || a - b)
}

/** Whether the value at `a` is chosen after the one at `b`. */
function isWorse(a: number, b: number, values: Float32Array): boolean {
  const first = values[a]!
  const second = values[b]!
  return first < second || (first === second && a > b)
}

function siftUp(heap: Int32Array, start: number, index: number, values: Float32Array): void {
  let place = start
  while (place > 0) {
    const parent = (place - 1) >> 1
    if (!isWorse(index, heap[parent]!, values)) break
    heap[place] = heap[parent]!
    place = parent
  }
  heap[place] = index
}

function siftDown(heap: Int32Array, index: number, values: Float32Array): void {
  let place = 0
  for (;;) {
    let child = 2 * place + 1
    if (child >= heap.length) break
    if (child + 1 < heap.length && isWorse(heap[child + 1]!, heap[child]!, values)) child += 1
    if (!isWorse(heap[child]!, index, values)) break
    heap[place] = heap[child]!
    place = child
  }
  heap[place] = index
}
