import type {MetricLimits} from '../config/gate-policy.ts'
import type {Estimate} from '../stats/estimate.ts'
import type {MetricCheck, Missing, Verdict} from './checks.ts'

/** Significance level of the randomisation test, after Holm; that of the 95% interval. */
const ALPHA = 0.05
/** Sums in another order differ in their last bits; a limit that is met exactly must stay met. */
const ROUNDING = 1e-12

export interface Measurement {
  readonly baseline: number
  readonly run: number
  readonly difference: Estimate
  readonly adjustedP: number
}

type Judgement = Pick<MetricCheck, 'verdict' | 'why' | 'maxDrop' | 'atLeast'>

/** Compares unrounded values with the limits: each limit that is given must hold. */
export function metricVerdict(measured: Measurement, limits: MetricLimits): Judgement {
  const maxDrop = dropLimit(measured, limits)
  const atLeast = limits.atLeast === undefined ? undefined : limits.atLeast * measured.baseline
  const parts = [
    ...(atLeast === undefined ? [] : [leastVerdict(measured, atLeast)]),
    ...(maxDrop === undefined ? [] : [dropVerdict(measured, maxDrop)]),
  ]
  const worst = (['regression', 'inconclusive', 'passed'] as const).flatMap((verdict) =>
    parts.filter((part) => part.verdict === verdict),
  )[0]
  const notGiven: Missing = {missing: 'no such limit was given'}
  return {
    verdict: worst?.verdict ?? 'not gated',
    why: worst?.why ?? 'no limit was given',
    maxDrop: maxDrop ?? notGiven,
    atLeast: atLeast ?? notGiven,
  }
}

/** In the units of the metric. */
function dropLimit({baseline}: Measurement, {maxDrop}: MetricLimits): number | undefined {
  if (maxDrop === undefined) return undefined
  return maxDrop.kind === 'absolute' ? maxDrop.value : maxDrop.share * baseline
}

interface Part {
  readonly verdict: Verdict
  readonly why: string
}

/** MLPerf's rule: the value itself on this set of samples, without an interval. */
function leastVerdict({baseline, run}: Measurement, least: number): Part {
  const isMet = run >= least - ROUNDING * Math.abs(least)
  const share = baseline === 0 ? '' : `, which is ${percent(run / baseline)} of the baseline`
  return isMet
    ? {verdict: 'passed', why: `${figure(run)}${share}; at least ${figure(least)} was asked for`}
    : {
        verdict: 'regression',
        why: `${figure(run)}${share}; less than the ${figure(least)} that was asked for`,
      }
}

/** Non-inferiority: the interval of the difference against the greatest drop that is allowed. */
function dropVerdict({baseline, run, difference, adjustedP}: Measurement, maxDrop: number): Part {
  const slack = ROUNDING * Math.max(Math.abs(baseline), Math.abs(run), maxDrop)
  const {value, low, high} = difference
  const interval = `${signed(value)} [${signed(low)}, ${signed(high)}]`
  const limit = `a drop of ${figure(maxDrop)}`
  if (low >= -maxDrop - slack)
    return {
      verdict: 'passed',
      why:
        baseline === 0 && run === 0
          ? 'both are 0: this metric cannot show a drop here; --max-changed gates the answers themselves'
          : `${interval} stays within ${limit}`,
    }
  if (high < -maxDrop - slack && adjustedP < ALPHA)
    return {verdict: 'regression', why: `${interval} lies beyond ${limit} (p ${pFigure(adjustedP)})`}
  if (high < -maxDrop - slack)
    return {
      verdict: 'inconclusive',
      why: `${interval} lies beyond ${limit}, but p ${pFigure(adjustedP)} is not below ${ALPHA}: too few samples`,
    }
  return {
    verdict: 'inconclusive',
    why: `${interval} reaches beyond ${limit}${neededText(difference, maxDrop)}`,
  }
}

/** An interval's width falls with the root of the count: how many samples would put one end on the limit. */
function neededText({value, low, high, count}: Estimate, maxDrop: number): string {
  const distance = Math.abs(value + maxDrop)
  const needed = Math.ceil(count * ((high - low) / 2 / distance) ** 2)
  if (!Number.isFinite(needed) || needed <= count || needed > 1e7) return ''
  return `; about ${needed} samples like these would decide`
}

export function figure(value: number): string {
  const text = value.toPrecision(4)
  return text.includes('e') ? text : String(Number(text))
}

export function signed(value: number): string {
  return value > 0 ? `+${figure(value)}` : figure(value)
}

export function pFigure(p: number): string {
  return p < 0.0001 ? '< 0.0001' : p.toFixed(4)
}

function percent(share: number): string {
  return `${(100 * share).toFixed(2)}%`
}
