import {Tensor} from 'onnxruntime-node'
import {SlmError} from '../errors.ts'
import {cacheLength} from './cache-layout.ts'
import {assembleHidden, assembleRows, emptyCache} from './cache-tensor.ts'
import type {EncoderSignature} from './encoder-signature.ts'
import {integers, padPrompts, prefillGroups} from './feeds.ts'
import type {CacheEntry, DecoderSignature} from './graph-signature.ts'
import type {DecoderState} from './language-model.ts'
import {lastLogits, selectLogits} from './logits.ts'
import {runtimeMessage} from './runtime-message.ts'
import type {OpenSession} from './session.ts'

export interface EncoderDecoderGraph {
  readonly encoder: OpenSession
  readonly encoderSignature: EncoderSignature
  /** Shorter prompts are padded to this: graphs of blockwise attention do not run on less than a block. */
  readonly shortest: number
  readonly first: OpenSession
  readonly firstSignature: DecoderSignature
  readonly next: OpenSession
  readonly signature: DecoderSignature
  readonly startToken: number
  readonly pad: number
  readonly half: Float32Array
}

/** Padded tokens that one encoder run may hold (runtime notes, section 6: 512 was best, larger gains nothing). */
const ENCODE_TOKENS = 512
const ENCODE_ROWS = 16

/** Encodes the prompts in groups of like length, then runs the decoder's start token for all of them together. */
export async function prefillEncoderDecoder(
  graph: EncoderDecoderGraph,
  prompts: readonly (readonly number[])[],
): Promise<DecoderState> {
  const tokens = Int32Array.from(prompts, (prompt) => prompt.length)
  const hidden = await encode(graph, prompts, Math.max(...tokens))
  const start = new Int32Array(prompts.length).fill(graph.startToken)
  const feeds = firstFeeds(graph, hidden, tokens, start)
  const outputs = await graph.first.run(feeds, [
    graph.firstSignature.logits,
    ...graph.signature.cache.map((entry) => entry.present),
  ])
  const pick = (scope: CacheEntry['scope']): Tensor[] =>
    scoped(graph, scope).map((entry) => outputs[entry.present]!)
  const source: Source = {
    cross: pick('cross'),
    hidden: graph.signature.hiddenStates === undefined ? undefined : hidden,
    tokens,
    encoding: Array.from(prompts, () => Symbol('encoding')),
  }
  return new EncoderDecoderState(
    graph,
    source,
    pick('self'),
    1,
    lastLogits(outputs[graph.firstSignature.logits]!, () => 0, graph.half),
  )
}

/** The logits after the start token and `next` where the decoder runs both at once, without keys and values of before. */
export async function decodeWithoutCache(
  graph: EncoderDecoderGraph,
  prompt: readonly number[],
  next: number,
): Promise<Float32Array> {
  const hidden = await encode(graph, [prompt], prompt.length)
  const ids = Int32Array.of(graph.startToken, next)
  const feeds = firstFeeds(graph, hidden, Int32Array.of(prompt.length), ids)
  const {logits} = graph.firstSignature
  const outputs = await graph.first.run(feeds, [logits])
  return lastLogits(outputs[logits]!, () => ids.length - 1, graph.half)
}

/** What the decoder takes before there is a cache. `ids`: (rows, any length), row-major. */
function firstFeeds(
  graph: EncoderDecoderGraph,
  hidden: Tensor,
  tokens: Int32Array,
  ids: Int32Array,
): Record<string, Tensor> {
  const {firstSignature: signature} = graph
  const rows = tokens.length
  const length = ids.length / rows
  const dims = [rows, length]
  const feeds: Record<string, Tensor> = {[signature.ids]: integers(signature.integer, ids, dims)}
  if (signature.attentionMask)
    feeds[signature.attentionMask] = integers(signature.integer, new Int32Array(ids.length).fill(1), dims)
  if (signature.encoderMask)
    feeds[signature.encoderMask] = encoderMask(signature.integer, tokens, hidden.dims[1]!)
  if (signature.tokenTypeIds)
    feeds[signature.tokenTypeIds] = integers(signature.integer, new Int32Array(ids.length), dims)
  if (signature.hiddenStates) feeds[signature.hiddenStates.name] = hidden
  if (signature.useCacheBranch) feeds[signature.useCacheBranch] = new Tensor('bool', [false], [1])
  if (signature.positionIds)
    feeds[signature.positionIds] = integers(
      signature.integer,
      ids.map((_, index) => index % length),
      dims,
    )
  if (signature.cachePosition)
    feeds[signature.cachePosition] = integers(
      signature.integer,
      Int32Array.from({length}, (_, index) => index),
      [length],
    )
  for (const entry of signature.cache) feeds[entry.past] = emptyCache(entry, rows)
  return feeds
}

/** (prompts, longest, size), rows in the order given, zero beyond each prompt's end. */
async function encode(
  graph: EncoderDecoderGraph,
  prompts: readonly (readonly number[])[],
  longest: number,
): Promise<Tensor> {
  const lengths = prompts.map((prompt) => prompt.length)
  const groups = prefillGroups(lengths, ENCODE_TOKENS, ENCODE_ROWS)
  const places: {source: Tensor; row: number}[] = new Array(prompts.length)
  for (const group of groups) {
    const members = group.map((index) => prompts[index]!)
    const block = padPrompts(members, 'right', graph.pad, Math.max(graph.shortest, members[0]!.length))
    const dims = [block.rows, block.length]
    const {ids, attentionMask, tokenTypeIds, integer, states} = graph.encoderSignature
    const feeds: Record<string, Tensor> = {[ids]: integers(integer, block.ids, dims)}
    if (attentionMask) feeds[attentionMask] = integers(integer, block.mask, dims)
    if (tokenTypeIds) feeds[tokenTypeIds] = integers(integer, new Int32Array(block.ids.length), dims)
    const outputs = await graph.encoder.run(feeds, [states])
    for (let row = 0; row < group.length; row += 1) places[group[row]!] = {source: outputs[states]!, row}
  }
  const only =
    groups.length === 1 && places.every(({row}, index) => row === index) ? places[0]!.source : undefined
  if (only) return only
  const copies = places.map(({source, row}, index) => ({source, row, from: 0, count: lengths[index]!, to: 0}))
  return assembleHidden(graph.encoderSignature.type, longest, copies)
}

/** Longest block of attention that a graph is tried with. */
const LONGEST_BLOCK = 512

/** The least padded length, a power of two, on which the encoder runs at all: 1 for nearly every graph. */
export async function shortestEncoding(graph: Omit<EncoderDecoderGraph, 'shortest'>): Promise<number> {
  let refusal: unknown
  for (let shortest = 1; shortest <= LONGEST_BLOCK; shortest *= 2) {
    try {
      await encode({...graph, shortest}, [[graph.pad]], 1)
      return shortest
    } catch (cause) {
      refusal ??= cause
    }
  }
  throw new SlmError(
    'self-test-failed',
    `${graph.encoder.file}: the encoder does not run on a short prompt: ${runtimeMessage(refusal)}`,
    {hint: 'The export is broken. Export the model again.', cause: refusal},
  )
}

/** What the encoder gave for each row; fixed while the rows decode. */
interface Source {
  /** Cross-attention keys and values, one tensor per entry of scope `cross`. */
  readonly cross: readonly Tensor[]
  /** Only where the step's graph wants it again. */
  readonly hidden: Tensor | undefined
  /** Real tokens of each row's prompt. */
  readonly tokens: Int32Array
  /** Which encoding a row uses: beams of one prompt share it, so reordering them moves nothing here. */
  readonly encoding: readonly symbol[]
}

class EncoderDecoderState implements DecoderState {
  private readonly graph: EncoderDecoderGraph
  source: Source
  self: readonly Tensor[]
  steps: number
  private mask: Tensor | undefined
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
    this.rebuild(Array.from(rows, (row) => ({state: this, row})))
  }

  canJoin(other: DecoderState): boolean {
    // These graphs count decoder positions themselves, for all rows alike.
    return other instanceof EncoderDecoderState && other.graph === this.graph && other.steps === this.steps
  }

  join(other: DecoderState): void {
    if (!(other instanceof EncoderDecoderState) || !this.canJoin(other))
      throw new Error('these states cannot be joined')
    const logits = new Float32Array(this.logits.length + other.logits.length)
    logits.set(this.logits)
    logits.set(other.logits, this.logits.length)
    const places = [this, other].flatMap((state) =>
      Array.from(state.source.tokens, (_, row) => ({state, row})),
    )
    this.logits = logits
    this.rebuild(places)
    other.close()
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

function scoped(graph: EncoderDecoderGraph, scope: CacheEntry['scope']): CacheEntry[] {
  return graph.signature.cache.filter((entry) => entry.scope === scope)
}

/** Positions of the encoder's output, padding included. */
function encodedLength(graph: EncoderDecoderGraph, source: Source): number {
  const [entry] = scoped(graph, 'cross')
  const [keys] = source.cross
  if (entry && keys) return cacheLength(entry.layout, keys.dims)
  return source.hidden?.dims[1] ?? Math.max(...source.tokens)
}

/** (rows, length), 1 = a real prompt token. */
function encoderMask(type: 'int64' | 'int32', tokens: Int32Array, length: number): Tensor {
  const mask = new Int32Array(tokens.length * length)
  for (let row = 0; row < tokens.length; row += 1) mask.fill(1, row * length, row * length + tokens[row]!)
  return integers(type, mask, [tokens.length, length])
}
