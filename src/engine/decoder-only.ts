import {Tensor} from 'onnxruntime-node'
import {cacheLength} from './cache-layout.ts'
import {assembleRows, emptyCache, type RowCopy} from './cache-tensor.ts'
import {integers, type PaddedIds, padPrompts, prefillGroups, type Side} from './feeds.ts'
import type {DecoderSignature} from './graph-signature.ts'
import type {DecoderState} from './language-model.ts'
import {lastLogits, selectLogits} from './logits.ts'
import type {OpenSession} from './session.ts'
import type {PrefixCache, SharedPrefix} from './shared-prefix.ts'

/** How a graph takes rows of unequal length; found out when it is opened (probe.ts). */
export interface RowLayout {
  readonly side: Side
  /** True when padding may be added to or cut from a row's past without changing it: positions come from outside or from the mask. */
  readonly shifts: boolean
}

export interface DecoderOnlyGraph {
  /** The prompt's graph; the same as `next` in most exports. */
  readonly first: OpenSession
  readonly firstSignature: DecoderSignature
  readonly next: OpenSession
  readonly signature: DecoderSignature
  readonly layout: RowLayout
  readonly pad: number
  readonly half: Float32Array
}

/** Padded tokens that one prefill run may hold: more gains nothing on a CPU and costs memory for activations. */
const PREFILL_TOKENS = 512
const PREFILL_ROWS = 16

/** Runs the prompts, in groups of like length, and gathers them into one state in the order given. */
export async function prefillDecoderOnly(
  graph: DecoderOnlyGraph,
  prompts: readonly (readonly number[])[],
): Promise<DecoderState> {
  const {rows, logits} = await prefillRows(graph, prompts)
  return new DecoderOnlyState(graph, gather(graph, rows), logits)
}

/**
 * Where each prompt's keys and values lie, and the logits (prompts, vocabulary) after it. `prefixes`: starts prompts after a
 * prefix that ran before; only where a row's keys and values may be put together from pieces.
 */
export async function prefillRows(
  graph: DecoderOnlyGraph,
  prompts: readonly (readonly number[])[],
  prefixes?: PrefixCache,
): Promise<{readonly rows: readonly Row[]; readonly logits: Float32Array}> {
  // A graph that counts positions by itself needs every row padded to one common length.
  const common = graph.layout.shifts ? undefined : Math.max(...prompts.map((prompt) => prompt.length))
  const rows: Row[] = new Array(prompts.length)
  let vocabulary = 0
  const logits = new Map<Part, Float32Array>()
  let waiting = prompts.map((_, index) => index)
  while (waiting.length > 0) {
    const prefix = prefixes?.sharedBy(waiting.map((index) => prompts[index]!))
    const lengths = waiting.map((index) => common ?? prompts[index]!.length - (prefix?.count ?? 0))
    const places = prefillGroups(lengths, PREFILL_TOKENS, PREFILL_ROWS)[0]!
    const members = places.map((place) => waiting[place]!)
    const rest = members.map((index) => prompts[index]!.slice(prefix?.count ?? 0))
    const length = common ?? Math.max(...rest.map((ids) => ids.length))
    const run = await runPrompts(graph, padPrompts(rest, graph.layout.side, graph.pad, length), rest, prefix)
    for (const [row, index] of members.entries()) rows[index] = {part: run.part, row, prefix}
    prefixes?.keep(prompts[members[0]!]!, piecesOf(graph, rows[members[0]!]!))
    logits.set(run.part, run.logits)
    vocabulary = run.logits.length / members.length
    waiting = waiting.filter((_, place) => !places.includes(place))
  }
  const all = new Float32Array(prompts.length * vocabulary)
  for (let index = 0; index < rows.length; index += 1) {
    const {part, row} = rows[index]!
    all.set(logits.get(part)!.subarray(row * vocabulary, (row + 1) * vocabulary), index * vocabulary)
  }
  return {rows, logits: all}
}

/** Keys and values of some rows. */
interface Part {
  /** One tensor per entry of the signature's cache. */
  readonly cache: readonly Tensor[]
  /** Real tokens of each row; on the left side they end at `length`, on the right they begin at 0. */
  readonly tokens: Int32Array
  /** Positions in the tensors. */
  readonly length: number
}

export interface Row {
  readonly part: Part
  readonly row: number
  /** What stands before the part's positions: computed with another prompt. */
  readonly prefix?: SharedPrefix | undefined
}

/** A row's keys and values, piece by piece, each as one copy per entry of the cache into a row of its own. */
export function piecesOf({signature, layout}: DecoderOnlyGraph, {part, row, prefix}: Row): RowCopy[][] {
  const count = part.tokens[row]!
  const from = layout.side === 'left' ? part.length - count : 0
  const own = signature.cache.map((_, index) => ({
    source: part.cache[index]!,
    row,
    from,
    count,
    to: prefix?.count ?? 0,
  }))
  return prefix === undefined ? [own] : [[...prefix.copies], own]
}

async function runPrompts(
  graph: DecoderOnlyGraph,
  block: PaddedIds,
  prompts: readonly (readonly number[])[],
  prefix: SharedPrefix | undefined,
): Promise<{part: Part; logits: Float32Array}> {
  const {firstSignature: signature} = graph
  const tokens = Int32Array.from(prompts, (prompt) => prompt.length)
  const feeds = promptFeeds(graph, block, tokens, prefix)
  const outputs = await graph.first.run(feeds, [
    signature.logits,
    ...graph.signature.cache.map((entry) => entry.present),
  ])
  const cache = graph.signature.cache.map((entry) => outputs[entry.present]!)
  const last = (row: number): number => (graph.layout.side === 'left' ? block.length - 1 : tokens[row]! - 1)
  const length = cacheLength(graph.signature.cache[0]!.layout, cache[0]!.dims)
  const part = {cache, tokens, length}
  return {part, logits: lastLogits(outputs[signature.logits]!, last, graph.half)}
}

function promptFeeds(
  graph: DecoderOnlyGraph,
  block: PaddedIds,
  tokens: Int32Array,
  prefix: SharedPrefix | undefined,
): Record<string, Tensor> {
  const {firstSignature: signature, layout} = graph
  const {rows, length} = block
  const dims = [rows, length]
  const before = prefix?.count ?? 0
  const feeds: Record<string, Tensor> = {[signature.ids]: integers(signature.integer, block.ids, dims)}
  if (signature.attentionMask)
    feeds[signature.attentionMask] = integers(signature.integer, seenBefore(block, before), [
      rows,
      before + length,
    ])
  if (signature.tokenTypeIds)
    feeds[signature.tokenTypeIds] = integers(signature.integer, new Int32Array(rows * length), dims)
  if (signature.positionIds)
    feeds[signature.positionIds] = integers(
      signature.integer,
      block.positions.map((position) => before + position),
      dims,
    )
  if (signature.cachePosition)
    feeds[signature.cachePosition] = integers(signature.integer, counting(before, length), [length])
  if (signature.logitsToKeep)
    feeds[signature.logitsToKeep] = integers(signature.integer, [layout.side === 'left' ? 1 : length], [])
  if (signature.useCacheBranch) feeds[signature.useCacheBranch] = new Tensor('bool', [before > 0], [1])
  if (signature.lastPositions) {
    const last = Int32Array.from(tokens, (count) => (layout.side === 'left' ? length : count) - 1)
    feeds[signature.lastPositions] = integers('int64', last, [rows, 1, 1])
  }
  const past = prefix?.past(rows)
  signature.cache.forEach((entry, index) => {
    feeds[entry.past] = past?.[index] ?? emptyCache(entry, rows)
  })
  return feeds
}

/** The mask of a block, (rows, before + length), after so many tokens that every row sees. */
function seenBefore({rows, length, mask}: PaddedIds, before: number): Int32Array {
  if (before === 0) return mask
  const whole = new Int32Array(rows * (before + length)).fill(1)
  for (let row = 0; row < rows; row += 1)
    whole.set(mask.subarray(row * length, (row + 1) * length), row * (before + length) + before)
  return whole
}

/** Brings rows of any parts together, padded to the longest; returns the part itself when nothing changes. */
function gather(graph: DecoderOnlyGraph, rows: readonly Row[]): Part {
  const {layout, signature} = graph
  const [head] = rows
  const tokens = Int32Array.from(rows, ({part, row}) => part.tokens[row]!)
  const length = layout.shifts ? Math.max(...tokens) : head!.part.length
  const unchanged = rows.every(({part, row}, index) => part === head!.part && row === index)
  if (unchanged && rows.length === head!.part.tokens.length && length === head!.part.length) return head!.part
  const cache = signature.cache.map((entry, index) => {
    const copies = rows.map(({part, row}): RowCopy => {
      const count = part.tokens[row]!
      const source = part.cache[index]!
      return layout.side === 'left'
        ? {source, row, from: part.length - count, count, to: length - count}
        : {source, row, from: 0, count, to: 0}
    })
    return assembleRows(entry, length, copies)
  })
  return {cache, tokens, length}
}

class DecoderOnlyState implements DecoderState {
  private readonly graph: DecoderOnlyGraph
  private part: Part
  logits: Float32Array

  constructor(graph: DecoderOnlyGraph, part: Part, logits: Float32Array) {
    this.graph = graph
    this.part = part
    this.logits = logits
  }

  get rows(): number {
    return this.part.tokens.length
  }

  async step(next: Int32Array): Promise<void> {
    const {signature} = this.graph
    const feeds = this.stepFeeds(next)
    const outputs = await this.graph.next.run(feeds, [
      signature.logits,
      ...signature.cache.map((entry) => entry.present),
    ])
    const cache = signature.cache.map((entry) => outputs[entry.present]!)
    this.part = {cache, tokens: this.part.tokens.map((count) => count + 1), length: this.part.length + 1}
    this.logits = lastLogits(outputs[signature.logits]!, () => 0, this.graph.half)
  }

  private stepFeeds(next: Int32Array): Record<string, Tensor> {
    const {signature, layout} = this.graph
    const {tokens, length, cache} = this.part
    const rows = tokens.length
    const feeds: Record<string, Tensor> = {[signature.ids]: integers(signature.integer, next, [rows, 1])}
    if (signature.attentionMask) {
      const mask = new Int32Array(rows * (length + 1))
      for (let row = 0; row < rows; row += 1) {
        const start = row * (length + 1) + (layout.side === 'left' ? length - tokens[row]! : 0)
        mask.fill(1, start, start + tokens[row]! + 1)
      }
      feeds[signature.attentionMask] = integers(signature.integer, mask, [rows, length + 1])
    }
    if (signature.tokenTypeIds)
      feeds[signature.tokenTypeIds] = integers(signature.integer, new Int32Array(rows), [rows, 1])
    if (signature.positionIds) feeds[signature.positionIds] = integers(signature.integer, tokens, [rows, 1])
    if (signature.cachePosition) feeds[signature.cachePosition] = integers(signature.integer, [length], [1])
    if (signature.logitsToKeep) feeds[signature.logitsToKeep] = integers(signature.integer, [1], [])
    if (signature.useCacheBranch) feeds[signature.useCacheBranch] = new Tensor('bool', [true], [1])
    if (signature.lastPositions)
      feeds[signature.lastPositions] = integers('int64', new Int32Array(rows), [rows, 1, 1])
    for (let index = 0; index < signature.cache.length; index += 1)
      feeds[signature.cache[index]!.past] = cache[index]!
    return feeds
  }

  select(rows: Int32Array): void {
    this.logits = selectLogits(this.logits, this.logits.length / this.rows, rows)
    this.part = gather(
      this.graph,
      Array.from(rows, (row) => ({part: this.part, row})),
    )
  }

  canJoin(other: DecoderState): boolean {
    return (
      other instanceof DecoderOnlyState &&
      other.graph === this.graph &&
      (this.graph.layout.shifts || other.part.length === this.part.length)
    )
  }

  join(other: DecoderState): void {
    if (!(other instanceof DecoderOnlyState) || !this.canJoin(other))
      throw new Error('these states cannot be joined')
    const logits = new Float32Array(this.logits.length + other.logits.length)
    logits.set(this.logits)
    logits.set(other.logits, this.logits.length)
    this.logits = logits
    this.part = gather(this.graph, [...rowsOf(this.part), ...rowsOf(other.part)])
    other.close()
  }

  close(): void {
    this.part = {cache: [], tokens: new Int32Array(0), length: 0}
    this.logits = new Float32Array(0)
  }
}

function rowsOf(part: Part): Row[] {
  return Array.from(part.tokens, (_, row) => ({part, row}))
}

function counting(from: number, count: number): Int32Array {
  return Int32Array.from({length: count}, (_, index) => from + index)
}
