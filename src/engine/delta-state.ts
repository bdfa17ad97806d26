import {Tensor} from 'onnxruntime-node'
import {type DecoderOnlyGraph, piecesOf, prefillRows} from './decoder-only.ts'
import {capacityFor, DeltaBuffers} from './delta-buffers.ts'
import {integers} from './feeds.ts'
import type {DecoderState} from './language-model.ts'
import {lastLogits, selectLogits} from './logits.ts'
import type {PrefixCache} from './shared-prefix.ts'

/** Below this share of the slots in use the buffers are laid out anew, so that steps do not attend to emptiness. */
const SHRINK_BELOW = 0.75

/**
 * Prefills prompts on a graph that gives back new keys and values only (onnx/rewrite/delta-cache.ts).
 * `spareSlots`: unused slots to begin with; for the proof that they change nothing. `prefixes`: of prompts that ran before.
 */
export async function prefillDelta(
  graph: DecoderOnlyGraph,
  prompts: readonly (readonly number[])[],
  {
    spareSlots = 0,
    prefixes,
  }: {readonly spareSlots?: number; readonly prefixes?: PrefixCache | undefined} = {},
): Promise<DecoderState> {
  const {rows, logits} = await prefillRows(graph, prompts, prefixes)
  const slots = Int32Array.from(prompts, (prompt) => prompt.length)
  const capacity = capacityFor(Math.max(...slots) + Math.max(1, spareSlots))
  const buffers = new DeltaBuffers(graph.signature.cache, rows.length, capacity)
  rows.forEach((place, row) => {
    for (const piece of piecesOf(graph, place)) buffers.fill(row, piece)
  })
  return new DeltaState(graph, buffers, slots, logits)
}

/**
 * Rows whose keys and values stay where they are: a step reads them in place and adds one position to each. A row's
 * tokens fill its slots from the first on; the mask hides the rest, and positions come from the rows' own lengths.
 */
class DeltaState implements DecoderState {
  private readonly graph: DecoderOnlyGraph
  private buffers: DeltaBuffers
  /** Slots in use by row. */
  private slots: Int32Array
  /** What a step feeds and does not change in shape; undefined after rows or slots changed. */
  private fixed: {readonly past: readonly Tensor[]; readonly mask: Mask | undefined} | undefined
  logits: Float32Array

  constructor(graph: DecoderOnlyGraph, buffers: DeltaBuffers, slots: Int32Array, logits: Float32Array) {
    this.graph = graph
    this.buffers = buffers
    this.slots = slots
    this.logits = logits
  }

  get rows(): number {
    return this.slots.length
  }

  async step(next: Int32Array): Promise<void> {
    const {signature} = this.graph
    const entries = signature.cache
    const outputs = await this.graph.next.run(this.stepFeeds(next), [
      signature.logits,
      ...entries.map((entry) => entry.present),
    ])
    this.logits = lastLogits(outputs[signature.logits]!, () => 0, this.graph.half)
    const needed = Math.max(...this.slots) + 1
    if (needed > this.buffers.capacity) this.layOut(this.rows, capacityFor(needed))
    this.buffers.append(
      entries.map((entry) => outputs[entry.present]!),
      this.slots,
    )
    this.fixed?.mask?.use(this.slots)
    this.slots = this.slots.map((count) => count + 1)
  }

  private stepFeeds(next: Int32Array): Record<string, Tensor> {
    const {signature} = this.graph
    const {rows} = this
    this.fixed ??= {
      past: this.buffers.tensors(),
      mask:
        signature.attentionMask === undefined
          ? undefined
          : new Mask(signature.integer, this.slots, this.buffers.capacity + 1),
    }
    const feeds: Record<string, Tensor> = {[signature.ids]: integers(signature.integer, next, [rows, 1])}
    if (signature.attentionMask) feeds[signature.attentionMask] = this.fixed.mask!.tensor
    if (signature.tokenTypeIds)
      feeds[signature.tokenTypeIds] = integers(signature.integer, new Int32Array(rows), [rows, 1])
    if (signature.positionIds)
      feeds[signature.positionIds] = integers(signature.integer, this.slots, [rows, 1])
    if (signature.logitsToKeep) feeds[signature.logitsToKeep] = integers(signature.integer, [1], [])
    if (signature.lastPositions)
      feeds[signature.lastPositions] = integers('int64', new Int32Array(rows), [rows, 1, 1])
    signature.cache.forEach((entry, index) => {
      feeds[entry.past] = this.fixed!.past[index]!
    })
    return feeds
  }

  select(rows: Int32Array): void {
    this.logits = selectLogits(this.logits, this.logits.length / this.rows, rows)
    this.buffers.select(rows)
    this.slots = rows.map((row) => this.slots[row]!)
    this.fixed = undefined
    const needed = capacityFor(Math.max(...this.slots) + 1)
    if (needed < this.buffers.capacity * SHRINK_BELOW) this.layOut(this.rows, needed)
  }

  canJoin(other: DecoderState): boolean {
    return other instanceof DeltaState && other.graph === this.graph
  }

  join(other: DecoderState, roomFor = 0): void {
    if (!(other instanceof DeltaState) || !this.canJoin(other))
      throw new Error('these states cannot be joined')
    const {rows} = this
    const logits = new Float32Array(this.logits.length + other.logits.length)
    logits.set(this.logits)
    logits.set(other.logits, this.logits.length)
    this.logits = logits
    const slots = Int32Array.from([...this.slots, ...other.slots])
    const needed = capacityFor(Math.max(...slots) + 1)
    const isWide = needed < this.buffers.capacity * SHRINK_BELOW
    this.layOut(slots.length, isWide ? needed : Math.max(needed, this.buffers.capacity), roomFor)
    const sources = other.buffers.tensors()
    other.slots.forEach((count, row) => {
      this.buffers.fill(
        rows + row,
        sources.map((source) => ({source, row, from: 0, count, to: 0})),
      )
    })
    this.slots = slots
    other.close()
  }

  private layOut(rows: number, capacity: number, roomFor = rows): void {
    this.buffers.resize(rows, capacity, this.slots, roomFor)
    this.fixed = undefined
  }

  close(): void {
    this.buffers.release()
    this.slots = new Int32Array(0)
    this.fixed = undefined
    this.logits = new Float32Array(0)
  }
}

/** (rows, length), 1 = seen: the slots in use and the last column, where the graph puts the new position. */
class Mask {
  readonly tensor: Tensor
  private readonly show: (at: number) => void
  private readonly length: number

  constructor(type: 'int64' | 'int32', slots: Int32Array, length: number) {
    const dims = [slots.length, length]
    this.length = length
    if (type === 'int64') {
      const values = new BigInt64Array(slots.length * length)
      this.tensor = new Tensor('int64', values, dims)
      this.show = (at) => {
        values[at] = 1n
      }
    } else {
      const values = new Int32Array(slots.length * length)
      this.tensor = new Tensor('int32', values, dims)
      this.show = (at) => {
        values[at] = 1
      }
    }
    slots.forEach((count, row) => {
      for (let slot = 0; slot < count; slot += 1) this.show(row * length + slot)
      this.show((row + 1) * length - 1)
    })
  }

  /** Each row has filled one slot more. */
  use(slots: Int32Array): void {
    slots.forEach((slot, row) => {
      this.show(row * this.length + slot)
    })
  }
}
