import {tInterval} from '../stats/t-interval.ts'
import type {CellResult} from './cell-result.ts'
import {seedAverages} from './seed-cell.ts'

/** Every encoder-decoder cell against the decoder-only one that was trained in the same way, paired by seed. */
export function seedDuels(results: readonly CellResult[], tasks: readonly string[]): readonly string[] {
  const lines = results
    .filter(({architecture}) => architecture === 'enc-dec')
    .flatMap((encDec) =>
      results
        .filter(({architecture, method}) => architecture === 'dec-only' && method === encDec.method)
        .map((decOnly) => duelLine(encDec, decOnly, tasks)),
    )
  return lines.length === 0 ? ['No pair of both architectures is trained in the same way.'] : lines
}

function duelLine(encDec: CellResult, decOnly: CellResult, tasks: readonly string[]): string {
  const pair = `${encDec.cell} against ${decOnly.cell}`
  const theirs = new Map(seedAverages(decOnly, tasks).map(({seed, value}) => [seed, value]))
  const differences = seedAverages(encDec, tasks).flatMap(({seed, value}) => {
    const other = theirs.get(seed)
    return other === undefined ? [] : [value - other]
  })
  const [only] = differences
  if (only === undefined) return `${pair}: not evaluated with a common seed yet.`
  const estimate = tInterval(differences)
  if (estimate === undefined)
    return `${pair}: average ${signed(only)} with one seed; nothing is known of how it varies over seeds.`
  const {value, low, high, count} = estimate
  const verdict = low > 0 ? 'encoder-decoder is better' : high < 0 ? 'decoder-only is better' : 'not decided'
  return `${pair}: average ${signed(value)} [${signed(low)}, ${signed(high)}] over ${count} seeds: ${verdict}.`
}

function signed(value: number): string {
  return `${value < 0 ? '-' : '+'}${Math.abs(value).toFixed(3)}`
}
