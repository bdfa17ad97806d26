import {Tensor} from 'onnxruntime-node'
import type {RowCopy} from './cache-tensor.ts'
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
  const pieces = rows.map((row) => piecesOf(graph, row))
  return new DeltaState(graph, {pieces, slots, logits, spareSlots: Math.max(1, spareSlots)})
}

/** What is known of each row when its prompt has run. */
interface PrefilledRows {
  /** Where each row's keys and values lie. */
  readonly pieces: readonly (readonly RowCopy[])[][]
  readonly slots: Int32Array
  readonly logits: Float32Array
  readonly spareSlots: number
}

/**
 * Rows whose keys and values stay where they are: a step reads them in place and adds one position to each. A row's
 * tokens fill its slots from the first on; the mask hides the rest, and positions come from the rows' own lengths.
 */
class DeltaState implements DecoderState {
  private readonly graph: DecoderOnlyGraph
  /** Where the prompts' runs left keys and values, until a step or a join lays them out: so each is copied once. */
  private pieces: PrefilledRows['pieces'] | undefined
  private laidOut: DeltaBuffers | undefined
  private readonly spareSlots: number
  /** Rows that there will be when others have joined. */
  private roomFor = 0
  /** Slots in use by row. */
  private slots: Int32Array
  /** What a step feeds and does not change in shape; undefined after rows or slots changed. */
  private fixed: {readonly past: readonly Tensor[]; readonly mask: Mask | undefined} | undefined
  logits: Float32Array

  constructor(graph: DecoderOnlyGraph, {pieces, slots, logits, spareSlots}: PrefilledRows) {
    this.graph = graph
    this.pieces = pieces
    this.slots = slots
    this.logits = logits
    this.spareSlots = spareSlots
  }

  private get buffers(): DeltaBuffers {
    return this.laidOut ?? this.layOutFirst()
  }

  private layOutFirst(): DeltaBuffers {
    const capacity = capacityFor(Math.max(...this.slots) + this.spareSlots)
    const buffers = new DeltaBuffers(this.graph.signature.cache, this.rows, capacity, this.roomFor)
    this.pieces?.forEach((pieces, row) => {
      for (const piece of pieces) buffers.fill(row, piece)
    })
    this.pieces = undefined
    this.laidOut = buffers
    return buffers
  }

  get rows(): number {
    return this.slots.length
  }

  async step(next: Int32Array): Promise<void> {
    const {signature} = this.graph
    const entries = signature.cache
    const feeds = this.stepFeeds(next)
    // Who was to join has joined; a batch that only shrinks needs no more room than its rows.
    this.roomFor = 0
    const outputs = await this.graph.next.run(feeds, [
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
    if (this.pieces !== undefined) {
      this.pieces = Array.from(rows, (row) => this.pieces![row]!)
      this.slots = rows.map((row) => this.slots[row]!)
      return
    }
    this.buffers.select(rows)
    this.slots = rows.map((row) => this.slots[row]!)
    this.fixed = undefined
    const needed = capacityFor(Math.max(...this.slots) + 1)
    if (needed < this.buffers.capacity * SHRINK_BELOW) this.layOut(this.rows, needed)
  }

  canJoin(other: DecoderState): boolean {
    return other instanceof DeltaState && other.graph === this.graph
  }

  reserve(rows: number): void {
    this.roomFor = rows
    // Now, so that what the prompts' runs left is free before others run.
    if (this.laidOut !== undefined) return
    try {
      this.layOutFirst()
    } catch {
      this.roomFor = 0
    }
  }

  join(other: DecoderState): void {
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
    this.layOut(slots.length, isWide ? needed : Math.max(needed, this.buffers.capacity))
    other.rowPieces().forEach((pieces, row) => {
      for (const piece of pieces) this.buffers.fill(rows + row, piece)
    })
    this.slots = slots
    other.close()
  }

  private rowPieces(): PrefilledRows['pieces'] {
    if (this.pieces !== undefined) return this.pieces
    const sources = this.buffers.tensors()
    return Array.from(this.slots, (count, row) => [
      sources.map((source) => ({source, row, from: 0, count, to: 0})),
    ])
  }

  private layOut(rows: number, capacity: number): void {
    this.buffers.resize(rows, capacity, this.slots, this.roomFor)
    this.fixed = undefined
  }

  close(): void {
    this.laidOut?.release()
    this.laidOut = undefined
    this.pieces = undefined
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
