import fc from 'fast-check'
import {expect, it} from 'vitest'
import {lcsAlignment} from '../../src/metrics/lcs-alignment.ts'
import {lcsLength} from '../../src/metrics/lcs-length.ts'
import {matchMasks} from '../../src/metrics/match-masks.ts'

/** (rows + 1, columns + 1): the table that the bit-parallel form stands for. */
function table(a: readonly string[], b: readonly string[]): number[][] {
  const rows = [new Array<number>(b.length + 1).fill(0)]
  for (const token of a) {
    const above = rows.at(-1)!
    const row = [0]
    for (const [column, other] of b.entries())
      row.push(token === other ? above[column]! + 1 : Math.max(row[column]!, above[column + 1]!))
    rows.push(row)
  }
  return rows
}

/** rouge_score's `_backtrack_norec`. */
function backtrace(a: readonly string[], b: readonly string[]): number[] {
  const values = table(a, b)
  const positions: number[] = []
  let row = a.length
  let column = b.length
  while (row > 0 && column > 0)
    if (a[row - 1] === b[column - 1]) {
      row -= 1
      column -= 1
      positions.push(row)
    } else if (values[row]![column - 1]! > values[row - 1]![column]!) column -= 1
    else row -= 1
  return positions
}

const tokens = fc
  .integer({min: 1, max: 30})
  .chain((kinds) => fc.array(fc.integer({min: 0, max: kinds}).map(String), {maxLength: 140}))

it('finds the length that the table of dynamic programming has', () => {
  fc.assert(
    fc.property(tokens, tokens, (a, b) => {
      expect(lcsLength(a, b)).toBe(table(a, b)[a.length]![b.length])
    }),
    {numRuns: 500},
  )
})

it('traces back through the same cells as rouge_score', () => {
  fc.assert(
    fc.property(tokens, tokens, (a, b) => {
      expect(lcsAlignment(a, matchMasks(b))).toEqual(backtrace(a, b))
    }),
    {numRuns: 500},
  )
})

it('carries across words of 32 columns', () => {
  const equal = new Array<string>(300).fill('x')
  expect([lcsLength(equal, equal), lcsLength(equal, equal.slice(0, 97)), lcsLength(equal, [])]).toEqual([
    300, 97, 0,
  ])
})
