import {Tensor} from 'onnxruntime-node'
import {cacheBlocks, cacheDims, positionElements} from './cache-layout.ts'
import {canMoveUp, copyRow, elementsOf, type RowCopy} from './cache-tensor.ts'
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
 * Room that a new array has beyond what is asked for, so that growing costs one move of what is there and no new memory.
 * Memory that nobody touched is not resident.
 */
const SPARE_ROOM = 0.125

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

  /** `roomFor`: rows to take memory for. */
  constructor(entries: readonly CacheEntry[], rows: number, capacity: number, roomFor = 0) {
    this.entries = entries
    this.rows = rows
    this.capacity = capacity
    this.arrays = entries.map((entry) => withRoom(Math.max(rows, roomFor) * this.rowSize(entry)))
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
    this.entries.forEach((entry, index) => {
      copyRow(entry, this.capacity, this.arrays[index]!, row, copies[index]!)
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
    if (moves && canMoveUp(order))
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
    let spare: Float32Array | undefined
    this.entries.forEach((entry, index) => {
      const size = this.rowSize(entry)
      const old = this.arrays[index]!
      const needed = order.length * size
      const next = spare !== undefined && spare.length >= needed ? spare : withRoom(needed)
      order.forEach((from, to) => {
        next.set(old.subarray(from * size, (from + 1) * size), to * size)
      })
      this.arrays[index] = next
      spare = old
    })
  }

  /**
   * Gives rows another capacity, which must hold `slots`, and adds rows or takes the last ones away; new rows are zero.
   * `roomFor`: rows to take memory for, where new memory is needed.
   */
  resize(rows: number, capacity: number, slots: Int32Array, roomFor = 0): void {
    const kept = Math.min(this.rows, rows)
    const before = this.capacity
    this.rows = rows
    this.capacity = capacity
    this.entries.forEach((entry, index) => {
      const {outer, inner} = cacheBlocks(entry.layout)
      const old = this.arrays[index]!
      const needed = rows * this.rowSize(entry)
      const isFit = needed <= old.length
      const next = isFit ? old : withRoom(Math.max(rows, roomFor) * this.rowSize(entry))
      const move = (place: number): void => {
        const used = slots[Math.floor(place / outer)]! * inner
        const from = place * before * inner
        const to = place * capacity * inner
        if (!isFit) next.set(old.subarray(from, from + used), to)
        else {
          next.copyWithin(to, from, from + used)
          next.fill(0, to + used, to + capacity * inner)
        }
      }
      // In one array no place may be written over before it was moved: the last one first where they move apart.
      const places = kept * outer
      if (capacity > before) for (let place = places - 1; place >= 0; place -= 1) move(place)
      else if (capacity < before || !isFit) for (let place = 0; place < places; place += 1) move(place)
      // Rows that were dropped left their keys and values behind.
      if (isFit) next.fill(0, places * capacity * inner, needed)
      this.arrays[index] = next
    })
  }

  release(): void {
    this.arrays = []
    this.rows = 0
  }

  private rowSize({layout}: CacheEntry): number {
    return positionElements(layout) * this.capacity
  }
}

function withRoom(needed: number): Float32Array {
  return new Float32Array(Math.ceil(needed * (1 + SPARE_ROOM)))
}
