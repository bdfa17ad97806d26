import type {Difference, Duel} from './comparison.ts'

/** One plain sentence for each task, after the warnings. */
export function duelLines({warnings, differences}: Duel): string[] {
  return [...warnings, ...differences.map(differenceLine)]
}

function differenceLine({task, outcome}: Difference): string {
  if (outcome.kind === 'missing') return `${task}: not tested, ${outcome.why}`
  const {estimate, adjustedP, better, unpaired} = outcome
  const sign = better === 'dec-only' ? -1 : 1
  const [low, high] = sign === 1 ? [estimate.low, estimate.high] : [-estimate.high, -estimate.low]
  const figures = `${signed(sign * estimate.value, better)} [${fixed(low)}, ${fixed(high)}], n=${estimate.count}, ${pText(adjustedP)}`
  const partners = unpaired === 0 ? '' : ` (left out for want of a partner: ${unpaired})`
  const verdict =
    better === 'neither shown' ? 'no difference shown: enc-dec minus dec-only' : `${better} better by`
  return `${task}: ${verdict} ${figures}${partners}`
}

function signed(value: number, better: string): string {
  return better === 'neither shown' && value > 0 ? `+${fixed(value)}` : fixed(value)
}

/** Three decimals, and no minus before a zero. */
function fixed(value: number): string {
  const text = value.toFixed(3)
  return text === '-0.000' ? '0.000' : text
}

function pText(p: number): string {
  return p < 0.0001 ? 'p<0.0001' : `p=${p.toFixed(4)}`
}
