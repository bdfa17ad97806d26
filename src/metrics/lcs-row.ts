import type {MatchMasks} from './match-masks.ts'

/**
 * One row of the table of longest common subsequences, 32 columns to a word (Hyyrö 2004, "Bit-parallel LCS-length
 * computation revisited"). Bit j is 0 exactly where the row's value rises from column j to column j + 1, so the value at
 * column j is the number of zeros among the first j bits. The row before any token is all ones.
 *
 * Writes to `row[to ..]` the row that follows `row[from ..]` when a token with the mask at `offset` is read.
 */
export function nextLcsRow(
  row: Int32Array,
  from: number,
  to: number,
  masks: MatchMasks,
  offset: number,
): void {
  const {bits, words} = masks
  let carry = 0
  for (let word = 0; word < words; word += 1) {
    const before = row[from + word]!
    const match = bits[offset + word]!
    const meeting = before & match
    const sum = (before + meeting + carry) | 0
    // The carry out of a 32-bit addition, from the top bits of its operands and its sum.
    carry = ((before & meeting) | ((before | meeting) & ~sum)) >>> 31
    row[to + word] = sum | (before & ~match)
  }
}

/** The table's value at `column` of the row that begins at `from`. */
export function lcsRowValue(row: Int32Array, from: number, column: number): number {
  let zeros = 0
  const whole = column >>> 5
  for (let word = 0; word < whole; word += 1) zeros += ones(~row[from + word]!)
  const rest = column & 31
  return rest === 0 ? zeros : zeros + ones(~row[from + whole]! & ((1 << rest) - 1))
}

/** How many bits of a 32-bit word are 1. */
function ones(word: number): number {
  let sums = word - ((word >>> 1) & 0x55555555)
  sums = (sums & 0x33333333) + ((sums >>> 2) & 0x33333333)
  return Math.imul((sums + (sums >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24
}
