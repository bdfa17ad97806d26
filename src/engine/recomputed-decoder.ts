import type {Tensor} from 'onnxruntime-node'
import {encodePrompts} from './encode-prompts.ts'
import {firstFeeds} from './encoder-decoder.ts'
import type {UncachedGraph} from './encoder-decoder-graph.ts'
import type {DecoderState} from './language-model.ts'
import {lastLogits} from './logits.ts'

/**
 * Encodes the prompts once and decodes without keys and values of before: every step runs the decoder over all that was
 * written so far. For measuring what a cache saves, and for proving that it changes nothing: rows cannot be joined or
 * reordered.
 */
export async function prefillWithoutCache(
  graph: UncachedGraph,
  prompts: readonly (readonly number[])[],
): Promise<DecoderState> {
  const tokens = Int32Array.from(prompts, (prompt) => prompt.length)
  const hidden = await encodePrompts(graph, prompts, Math.max(...tokens))
  const state = new RecomputedDecoderState(graph, hidden, tokens)
  await state.step(new Int32Array(prompts.length).fill(graph.startToken))
  return state
}

class RecomputedDecoderState implements DecoderState {
  private readonly graph: UncachedGraph
  private readonly hidden: Tensor
  private readonly tokens: Int32Array
  /** What each row has written, its start token included. */
  private readonly written: number[][]
  logits: Float32Array = new Float32Array(0)

  constructor(graph: UncachedGraph, hidden: Tensor, tokens: Int32Array) {
    this.graph = graph
    this.hidden = hidden
    this.tokens = tokens
    this.written = Array.from(tokens, () => [])
  }

  get rows(): number {
    return this.tokens.length
  }

  async step(next: Int32Array): Promise<void> {
    const {graph, written} = this
    written.forEach((ids, row) => {
      ids.push(next[row]!)
    })
    const feeds = firstFeeds(graph, this.hidden, this.tokens, Int32Array.from(written.flat()))
    const {logits} = graph.firstSignature
    const first = await graph.first()
    const outputs = await first.run(feeds, [logits])
    const last = written[0]!.length - 1
    this.logits = lastLogits(outputs[logits]!, () => last, graph.half)
  }

  select(rows: Int32Array): void {
    if (rows.length !== this.rows || rows.some((row, index) => row !== index))
      throw new Error('rows of a decoder without a cache stay where they are')
  }

  canJoin(): boolean {
    return false
  }

  join(): void {
    throw new Error('these states cannot be joined')
  }

  close(): void {
    this.logits = new Float32Array(0)
  }
}
