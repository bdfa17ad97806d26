import {lcsRowValue, nextLcsRow} from './lcs-row.ts'
import {matchMasks} from './match-masks.ts'

/** Length of the longest common subsequence, in |a| |b| / 32 steps and memory for one row. */
export function lcsLength(a: readonly string[], b: readonly string[]): number {
  const [shorter, longer] = a.length < b.length ? [a, b] : [b, a]
  const masks = matchMasks(shorter)
  const row = new Int32Array(masks.words).fill(-1)
  for (const token of longer) {
    const offset = masks.offsets.get(token)
    if (offset !== undefined) nextLcsRow(row, 0, 0, masks, offset)
  }
  return lcsRowValue(row, 0, shorter.length)
}
