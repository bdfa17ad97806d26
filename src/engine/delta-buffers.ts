import {Tensor} from 'onnxruntime-node'
import {cacheBlocks, cacheDims, cacheLength, positionElements} from './cache-layout.ts'
import {elementsOf, type RowCopy} from './cache-tensor.ts'
import type {CacheEntry} from './graph-signature.ts'

/**
 * Slots by which a row's place grows. Each step attends to the unused slots too, and each growth copies the cache once:
 * with n slots in use the sum of both is least near the square root of 4 n to 6 n.
 */
const CHUNK = 32

export function capacityFor(slots: number): number {
  return Math.max(CHUNK, Math.ceil(slots / CHUNK) * CHUNK)
}

/**
 * Keys and values in float32 buffers of our own, (rows, heads, capacity, head size) each, that a graph reads where they
 * lie. A row uses its first slots; all others hold zeros, since a hidden place that held infinity would still poison a sum.
 */
export class DeltaBuffers {
  readonly entries: readonly CacheEntry[]
  /** Slots of each row. */
  capacity: number
  /** Rows in use; the arrays may hold more. */
  rows: number
  private arrays: Float32Array[]
  private places: number

  constructor(entries: readonly CacheEntry[], rows: number, capacity: number) {
    this.entries = entries
    this.rows = rows
    this.places = rows
    this.capacity = capacity
    this.arrays = entries.map((entry) => new Float32Array(rows * this.rowSize(entry)))
  }

  /** One tensor per entry over the rows in use; valid until the buffers are next laid out anew. */
  tensors(): Tensor[] {
    return this.entries.map((entry, index) => {
      const used = this.arrays[index]!.subarray(0, this.rows * this.rowSize(entry))
      return new Tensor('float32', used, cacheDims(entry.layout, this.rows, this.capacity))
    })
  }

  /** Fills a row whose slots are all zero. `copies`: one per entry, of sources (any rows, heads, any length, head size). */
  fill(row: number, copies: readonly RowCopy[]): void {
    this.entries.forEach(({layout}, index) => {
      const {outer, inner} = cacheBlocks(layout)
      const {source, row: sourceRow, from, count, to} = copies[index]!
      const data = elementsOf(source)
      const length = cacheLength(layout, source.dims)
      for (let block = 0; block < outer; block += 1) {
        const start = ((sourceRow * outer + block) * length + from) * inner
        const target = ((row * outer + block) * this.capacity + to) * inner
        this.arrays[index]!.set(data.subarray(start, start + count * inner), target)
      }
    })
  }

  /** Writes each row's newest position, (rows, heads, 1, head size) per entry, into its slot. */
  append(added: readonly Tensor[], slots: Int32Array): void {
    this.entries.forEach(({layout}, index) => {
      const {outer, inner} = cacheBlocks(layout)
      const data = elementsOf(added[index]!)
      const array = this.arrays[index]!
      for (let place = 0; place < this.rows * outer; place += 1) {
        const target = (place * this.capacity + slots[Math.floor(place / outer)]!) * inner
        array.set(data.subarray(place * inner, (place + 1) * inner), target)
      }
    })
  }

  /** New row i is old row `order[i]`. */
  select(order: Int32Array): void {
    const moves = order.some((from, to) => from !== to)
    const isDrop = order.every((from, index) => index === 0 || from > order[index - 1]!)
    if (moves && isDrop)
      this.entries.forEach((entry, index) => {
        const size = this.rowSize(entry)
        order.forEach((from, to) => {
          if (from !== to) this.arrays[index]!.copyWithin(to * size, from * size, (from + 1) * size)
        })
      })
    else if (moves) this.reorder(order)
    this.rows = order.length
  }

  /** Repeated or crossing rows: each array is copied into another of the same size, which the next one then reuses. */
  private reorder(order: Int32Array): void {
    this.places = Math.max(this.places, order.length)
    let spare: Float32Array | undefined
    this.entries.forEach((entry, index) => {
      const size = this.rowSize(entry)
      const old = this.arrays[index]!
      const isFit = spare?.length === this.places * size
      const next = isFit ? spare! : new Float32Array(this.places * size)
      order.forEach((from, to) => {
        next.set(old.subarray(from * size, (from + 1) * size), to * size)
      })
      this.arrays[index] = next
      spare = old
    })
  }

  /** Gives rows another capacity, which must hold `slots`, and room for more rows; new rows are zero. */
  resize(rows: number, capacity: number, slots: Int32Array): void {
    const kept = Math.min(this.rows, rows)
    const oldCapacity = this.capacity
    const isSame = capacity === oldCapacity && rows <= this.places
    this.capacity = capacity
    if (isSame) this.clear(kept, rows)
    else {
      this.entries.forEach((entry, index) => {
        const {outer, inner} = cacheBlocks(entry.layout)
        const old = this.arrays[index]!
        const next = new Float32Array(rows * this.rowSize(entry))
        for (let place = 0; place < kept * outer; place += 1) {
          const start = place * oldCapacity * inner
          const used = slots[Math.floor(place / outer)]! * inner
          next.set(old.subarray(start, start + used), place * capacity * inner)
        }
        this.arrays[index] = next
      })
      this.places = rows
    }
    this.rows = rows
  }

  /** Rows that were dropped left their keys and values behind. */
  private clear(from: number, to: number): void {
    this.entries.forEach((entry, index) => {
      this.arrays[index]!.fill(0, from * this.rowSize(entry), to * this.rowSize(entry))
    })
  }

  release(): void {
    this.arrays = []
    this.rows = 0
    this.places = 0
  }

  private rowSize({layout}: CacheEntry): number {
    return positionElements(layout) * this.capacity
  }
}
