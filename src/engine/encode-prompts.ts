import type {Tensor} from 'onnxruntime-node'
import {SlmError} from '../errors.ts'
import {assembleHidden} from './cache-tensor.ts'
import type {EncoderGraph} from './encoder-decoder-graph.ts'
import {integers, padPrompts, prefillGroups} from './feeds.ts'
import {runtimeMessage} from './runtime-message.ts'

/** Padded tokens that one encoder run may hold (runtime notes, section 6: 512 was best, larger gains nothing). */
const ENCODE_TOKENS = 512
const ENCODE_ROWS = 16

/** (prompts, longest, size), rows in the order given, zero beyond each prompt's end. */
export async function encodePrompts(
  graph: EncoderGraph,
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
export async function shortestEncoding(graph: Omit<EncoderGraph, 'shortest'>): Promise<number> {
  let refusal: unknown
  for (let shortest = 1; shortest <= LONGEST_BLOCK; shortest *= 2) {
    try {
      await encodePrompts({...graph, shortest}, [[graph.pad]], 1)
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
