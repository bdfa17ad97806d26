import type {Tensor} from 'onnxruntime-node'
import type {EncoderSignature} from './encoder-signature.ts'
import {integers} from './feeds.ts'
import type {CacheEntry, DecoderSignature} from './graph-signature.ts'
import type {OpenSession} from './session.ts'

/** What encodes prompts. */
export interface EncoderGraph {
  readonly encoder: OpenSession
  readonly encoderSignature: EncoderSignature
  readonly pad: number
  /** Shorter prompts are padded to this: graphs of blockwise attention do not run on less than a block. */
  readonly shortest: number
}

/** What decodes without keys and values of before. */
export interface UncachedGraph extends EncoderGraph {
  /** The decoder without a past; opened when it is asked for where `crossKeys` is there. */
  readonly first: () => Promise<OpenSession>
  readonly firstSignature: DecoderSignature
  readonly startToken: number
  readonly half: Float32Array
}

/** The opened graphs of an encoder-decoder checkpoint. */
export interface EncoderDecoderGraph extends UncachedGraph {
  /** Makes the encoder's keys and values alone; then the first step is one from an empty past. */
  readonly crossKeys: OpenSession | undefined
  readonly next: OpenSession
  readonly signature: DecoderSignature
}

/** The cache's entries of one kind, in the order of the graph. */
export function scoped(graph: EncoderDecoderGraph, scope: CacheEntry['scope']): CacheEntry[] {
  return graph.signature.cache.filter((entry) => entry.scope === scope)
}

/** (rows, length), 1 = a real prompt token. */
export function encoderMask(type: 'int64' | 'int32', tokens: Int32Array, length: number): Tensor {
  const mask = new Int32Array(tokens.length * length)
  for (let row = 0; row < tokens.length; row += 1) mask.fill(1, row * length, row * length + tokens[row]!)
  return integers(type, mask, [tokens.length, length])
}
