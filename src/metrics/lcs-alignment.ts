import {lcsRowValue, nextLcsRow} from './lcs-row.ts'
import type {MatchMasks} from './match-masks.ts'

/**
 * Positions of `tokens`, falling, that lie on the longest common subsequence with the masked sequence. Of several such
 * subsequences it takes the one that rouge_score's back-trace takes: equal tokens go back on both sides, else the masked
 * sequence goes back if that alone keeps the length, else `tokens` does.
 *
 * The table is kept as bits: |tokens| |masked| / 8 bytes.
 */
export function lcsAlignment(tokens: readonly string[], masks: MatchMasks): number[] {
  const {words} = masks
  const table = new Int32Array((tokens.length + 1) * words).fill(-1, 0, words)
  for (const [index, token] of tokens.entries()) {
    const offset = masks.offsets.get(token)
    const from = index * words
    if (offset === undefined) table.copyWithin(from + words, from, from + words)
    else nextLcsRow(table, from, from + words, masks, offset)
  }
  const positions: number[] = []
  let row = tokens.length
  let column = masks.length
  while (row > 0 && column > 0) {
    if (matches(masks, tokens[row - 1]!, column - 1)) {
      row -= 1
      column -= 1
      positions.push(row)
    } else if (leftIsLonger(table, words, row, column)) column -= 1
    else row -= 1
  }
  return positions
}

function matches(masks: MatchMasks, token: string, position: number): boolean {
  const offset = masks.offsets.get(token)
  return offset !== undefined && ((masks.bits[offset + (position >>> 5)]! >>> (position & 31)) & 1) === 1
}

/** Whether value(row, column - 1) > value(row - 1, column), for tokens that differ. */
function leftIsLonger(table: Int32Array, words: number, row: number, column: number): boolean {
  const from = row * words
  const rises = ((table[from + ((column - 1) >>> 5)]! >>> ((column - 1) & 31)) & 1) === 0
  // Where the row rises into this column, the value came from above, which is then no shorter than the left.
  return !rises && lcsRowValue(table, from, column) > lcsRowValue(table, from - words, column)
}
