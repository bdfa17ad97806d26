import type {Tensor} from 'onnxruntime-node'
import {assembleRows, type RowCopy} from './cache-tensor.ts'
import {DeltaBuffers} from './delta-buffers.ts'
import type {CacheEntry} from './graph-signature.ts'

/** Shared tokens below which a prefix is computed again: two runs instead of one cost more than they save. */
export const LEAST_SHARED = 32

/** What some prompts have in common with one that ran before. */
export interface SharedPrefix {
  /** Tokens. */
  readonly count: number
  /** One copy per entry of the cache, of the prefix's keys and values: (1, heads, any length, head size). */
  readonly copies: readonly RowCopy[]
  /** The prefix's keys and values repeated for so many rows, (rows, heads, count, head size) per entry. */
  past(rows: number): readonly Tensor[]
}

/**
 * Keys and values of a prompt that ran, so that later prompts with the same prefix (instructions, few-shot examples) start
 * after it. Only a causal model can do this: what an encoder gives for a token depends on all that follow.
 */
export class PrefixCache {
  private readonly entries: readonly CacheEntry[]
  private readonly leastShared: number
  private kept: {readonly ids: readonly number[]; readonly tensors: readonly Tensor[]} | undefined

  constructor(entries: readonly CacheEntry[], leastShared = LEAST_SHARED) {
    this.entries = entries
    this.leastShared = leastShared
  }

  /** The prefix that all of these prompts share with the kept one, at least one token of each left over. */
  sharedBy(prompts: readonly (readonly number[])[]): SharedPrefix | undefined {
    const {kept} = this
    if (kept === undefined) return undefined
    const count = Math.min(...prompts.map((prompt) => commonPrefix(kept.ids, prompt, prompt.length - 1)))
    if (count < this.leastShared) return undefined
    const copyOf = (index: number): RowCopy => ({
      source: kept.tensors[index]!,
      row: 0,
      from: 0,
      count,
      to: 0,
    })
    return {
      count,
      copies: this.entries.map((_, index) => copyOf(index)),
      past: (rows) =>
        this.entries.map((entry, index) =>
          assembleRows(
            entry,
            count,
            Array.from({length: rows}, () => copyOf(index)),
          ),
        ),
    }
  }

  /**
   * Keeps a prompt that just ran, unless more than half of it came from the kept one already.
   * `copies`: for each piece of it one copy per entry.
   */
  keep(prompt: readonly number[], copies: readonly (readonly RowCopy[])[]): void {
    const shared = this.kept === undefined ? 0 : commonPrefix(this.kept.ids, prompt, prompt.length)
    if (2 * shared > prompt.length) return
    const buffers = new DeltaBuffers(this.entries, 1, prompt.length)
    for (const piece of copies) buffers.fill(0, piece)
    this.kept = {ids: prompt, tensors: buffers.tensors()}
  }
}

function commonPrefix(a: readonly number[], b: readonly number[], most: number): number {
  const end = Math.min(a.length, most)
  let count = 0
  while (count < end && a[count] === b[count]) count += 1
  return count
}
