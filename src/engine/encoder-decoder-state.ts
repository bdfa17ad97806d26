import {Tensor} from 'onnxruntime-node'
import {cacheLength} from './cache-layout.ts'
import {
  addRows,
  assembleHidden,
  assembleRows,
  canMoveUp,
  hiddenEntry,
  keepRows,
  type RowCopy,
} from './cache-tensor.ts'
import {type EncoderDecoderGraph, encoderMask, scoped} from './encoder-decoder-graph.ts'
import {integers} from './feeds.ts'
import type {CacheEntry} from './graph-signature.ts'
import type {DecoderState} from './language-model.ts'
import {lastLogits, selectLogits} from './logits.ts'

/** What the encoder gave for each row; fixed while the rows decode. */
export interface Source {
  /** Cross-attention keys and values, one tensor per entry of scope `cross`. */
  readonly cross: readonly Tensor[]
  /** Only where the step's graph wants it again. */
  readonly hidden: Tensor | undefined
  /** Real tokens of each row's prompt. */
  readonly tokens: Int32Array
  /** Which encoding a row uses: beams of one prompt share it, so reordering them moves nothing here. */
  readonly encoding: readonly symbol[]
}

/** Share of the padded length that the longest of the rows must have for the encodings to stay as they lie. */
const LEAST_FILLED = 0.85

/** Rows of one encoder-decoder batch, all at the same decoder position. */
export class EncoderDecoderState implements DecoderState {
  private readonly graph: EncoderDecoderGraph
  source: Source
  self: readonly Tensor[]
  steps: number
  private mask: Tensor | undefined
  /** Rows that there will be when others have joined. */
  private roomFor = 0
  logits: Float32Array

  constructor(
    graph: EncoderDecoderGraph,
    source: Source,
    self: readonly Tensor[],
    steps: number,
    logits: Float32Array,
  ) {
    this.graph = graph
    this.source = source
    this.self = self
    this.steps = steps
    this.logits = logits
  }

  get rows(): number {
    return this.source.tokens.length
  }

  async step(next: Int32Array): Promise<void> {
    const {signature} = this.graph
    const self = scoped(this.graph, 'self')
    this.roomFor = 0
    const outputs = await this.graph.next.run(this.stepFeeds(next), [
      signature.logits,
      ...self.map((entry) => entry.present),
    ])
    this.self = self.map((entry) => outputs[entry.present]!)
    this.steps += 1
    this.logits = lastLogits(outputs[signature.logits]!, () => 0, this.graph.half)
  }

  private stepFeeds(next: Int32Array): Record<string, Tensor> {
    const {signature} = this.graph
    const {rows, source} = this
    const feeds: Record<string, Tensor> = {[signature.ids]: integers(signature.integer, next, [rows, 1])}
    if (signature.attentionMask)
      feeds[signature.attentionMask] = integers(
        signature.integer,
        new Int32Array(rows * (this.steps + 1)).fill(1),
        [rows, this.steps + 1],
      )
    if (signature.encoderMask) {
      const length = encodedLength(this.graph, source)
      this.mask ??= encoderMask(signature.integer, source.tokens, length)
      feeds[signature.encoderMask] = this.mask
    }
    if (signature.tokenTypeIds)
      feeds[signature.tokenTypeIds] = integers(signature.integer, new Int32Array(rows), [rows, 1])
    if (signature.hiddenStates && source.hidden) feeds[signature.hiddenStates.name] = source.hidden
    if (signature.useCacheBranch) feeds[signature.useCacheBranch] = new Tensor('bool', [true], [1])
    if (signature.positionIds)
      feeds[signature.positionIds] = integers(signature.integer, new Int32Array(rows).fill(this.steps), [
        rows,
        1,
      ])
    if (signature.cachePosition)
      feeds[signature.cachePosition] = integers(signature.integer, [this.steps], [1])
    scoped(this.graph, 'self').forEach((entry, index) => {
      feeds[entry.past] = this.self[index]!
    })
    scoped(this.graph, 'cross').forEach((entry, index) => {
      feeds[entry.past] = source.cross[index]!
    })
    return feeds
  }

  select(rows: Int32Array): void {
    const isIdentity = rows.length === this.rows && rows.every((row, index) => row === index)
    if (isIdentity) return
    this.logits = selectLogits(this.logits, this.logits.length / this.rows, rows)
    const isThinned = rows.length < this.rows && canMoveUp(rows)
    if (isThinned && this.isWorthKeeping(rows)) this.thinOut(rows)
    else this.rebuild(Array.from(rows, (row) => ({state: this, row})))
  }

  /** Whether what stays is about as long as the padded whole: else cutting it to its longest row saves more than it costs. */
  private isWorthKeeping(rows: Int32Array): boolean {
    const longest = rows.reduce((most, row) => Math.max(most, this.source.tokens[row]!), 1)
    return longest >= LEAST_FILLED * encodedLength(this.graph, this.source)
  }

  /** Rows that ended leave; the others move up in memory. */
  private thinOut(rows: Int32Array): void {
    const {cross, hidden, tokens, encoding} = this.source
    const keep = (scope: CacheEntry['scope'], tensors: readonly Tensor[]): Tensor[] =>
      scoped(this.graph, scope).map((entry, index) => keepRows(entry, tensors[index]!, rows))
    this.source = {
      cross: keep('cross', cross),
      hidden:
        hidden && keepRows(hiddenEntry(this.graph.encoderSignature.type, hidden.dims[2]!), hidden, rows),
      tokens: Int32Array.from(rows, (row) => tokens[row]!),
      encoding: Array.from(rows, (row) => encoding[row]!),
    }
    this.self = keep('self', this.self)
    this.mask = undefined
  }

  canJoin(other: DecoderState): boolean {
    // These graphs count decoder positions themselves, for all rows alike.
    return other instanceof EncoderDecoderState && other.graph === this.graph && other.steps === this.steps
  }

  reserve(rows: number): void {
    this.roomFor = rows
  }

  join(other: DecoderState): void {
    if (!(other instanceof EncoderDecoderState) || !this.canJoin(other))
      throw new Error('these states cannot be joined')
    const logits = new Float32Array(this.logits.length + other.logits.length)
    logits.set(this.logits)
    logits.set(other.logits, this.logits.length)
    this.logits = logits
    const isCovered = encodedLength(this.graph, other.source) <= encodedLength(this.graph, this.source)
    if (isCovered) this.append(other)
    else {
      const rowsOf = (state: EncoderDecoderState): Place[] =>
        Array.from(state.source.tokens, (_, row) => ({state, row}))
      this.rebuild([...rowsOf(this), ...rowsOf(other)])
    }
    other.close()
  }

  /** Rows whose prompts are not longer come behind those that are there, which stay as they lie. */
  private append(other: EncoderDecoderState): void {
    const {cross, hidden, tokens, encoding} = this.source
    const theirs = other.source
    const add = (
      scope: CacheEntry['scope'],
      mine: readonly Tensor[],
      more: readonly Tensor[],
      counts: Int32Array,
    ): Tensor[] =>
      scoped(this.graph, scope).map((entry, index) =>
        addRows(entry, mine[index]!, wholeRows(more[index]!, counts), this.roomFor),
      )
    this.self = add('self', this.self, other.self, new Int32Array(other.rows).fill(this.steps))
    this.source = {
      cross: add('cross', cross, theirs.cross, theirs.tokens),
      hidden:
        hidden &&
        theirs.hidden &&
        addRows(
          hiddenEntry(this.graph.encoderSignature.type, hidden.dims[2]!),
          hidden,
          wholeRows(theirs.hidden, theirs.tokens),
          this.roomFor,
        ),
      tokens: Int32Array.from([...tokens, ...theirs.tokens]),
      encoding: [...encoding, ...theirs.encoding],
    }
    this.mask = undefined
  }

  private rebuild(places: readonly Place[]): void {
    const {steps} = this
    const self = scoped(this.graph, 'self').map((entry, index) =>
      assembleRows(
        entry,
        steps,
        places.map(({state, row}) => ({source: state.self[index]!, row, from: 0, count: steps, to: 0})),
      ),
    )
    const encoding = places.map(({state, row}) => state.source.encoding[row]!)
    const sameSource =
      encoding.length === this.rows && encoding.every((each, index) => each === this.source.encoding[index])
    if (!sameSource) {
      this.source = gatherSource(this.graph, places, encoding)
      this.mask = undefined
    }
    this.self = self
  }

  close(): void {
    this.source = {cross: [], hidden: undefined, tokens: new Int32Array(0), encoding: []}
    this.self = []
    this.logits = new Float32Array(0)
  }
}

/** All rows of a tensor, as many positions of each as `counts` says. */
function wholeRows(source: Tensor, counts: Int32Array): RowCopy[] {
  return Array.from(counts, (count, row) => ({source, row, from: 0, count, to: 0}))
}

interface Place {
  readonly state: EncoderDecoderState
  readonly row: number
}

/** The encodings of the given rows, cut to the longest prompt among them. */
function gatherSource(
  graph: EncoderDecoderGraph,
  places: readonly Place[],
  encoding: readonly symbol[],
): Source {
  const sources = places.map(({state, row}) => ({source: state.source, row}))
  const tokens = Int32Array.from(sources, ({source, row}) => source.tokens[row]!)
  const longest = Math.max(...tokens)
  const copies = (tensor: (source: Source) => Tensor) =>
    sources.map(({source, row}, index) => ({
      source: tensor(source),
      row,
      from: 0,
      count: tokens[index]!,
      to: 0,
    }))
  const cross = scoped(graph, 'cross').map((entry, index) =>
    assembleRows(
      entry,
      longest,
      copies((source) => source.cross[index]!),
    ),
  )
  const hasHidden = sources.every(({source}) => source.hidden !== undefined)
  const hidden = hasHidden
    ? assembleHidden(
        graph.encoderSignature.type,
        longest,
        copies((source) => source.hidden!),
      )
    : undefined
  return {cross, hidden, tokens, encoding}
}

/** Positions of the encoder's output, padding included. */
function encodedLength(graph: EncoderDecoderGraph, source: Source): number {
  const [entry] = scoped(graph, 'cross')
  const [keys] = source.cross
  if (entry && keys) return cacheLength(entry.layout, keys.dims)
  return source.hidden?.dims[1] ?? Math.max(...source.tokens)
}
