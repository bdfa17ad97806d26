import {type GatePolicy, taskLimitOf} from '../config/gate-policy.ts'
import {bootstrapEstimate} from '../stats/bootstrap.ts'
import type {Estimate} from '../stats/estimate.ts'
import type {Missing, RatioCheck} from './checks.ts'
import type {SamplePair} from './pair-samples.ts'
import {sampleGroups} from './sample-groups.ts'
import type {SampleTiming, Side} from './side.ts'

/** Parts of a manifest's machine that must be equal for times to be compared. */
const MACHINE_PARTS = [
  'platform',
  'arch',
  'cpu',
  'processors',
  'memoryBytes',
  'provider',
  'threads',
  'batchSize',
]

/** Why times of the two must not be compared; undefined when they may. */
export function whyNoTimes(baseline: Side, run: Side): string | undefined {
  if (baseline.machine === undefined || run.machine === undefined) return 'a baseline file holds no times'
  for (const {machine, path} of [baseline, run])
    if (machine?.['shards'] !== undefined)
      return `${path} was merged from shards, whose times are not of one machine`
  const differing = MACHINE_PARTS.filter(
    (part) => JSON.stringify(baseline.machine?.[part]) !== JSON.stringify(run.machine?.[part]),
  )
  return differing.length === 0 ? undefined : `the machines differ (${differing.join(', ')})`
}

/** The interval of times leaves out what else the machine did, so its last digit is worth little. */
const RATIO_DRAWS = 2000

const NO_LIMIT: Missing = {missing: 'no such limit was given'}

/** Time to the first token and for each further one, run over baseline, on the samples of both. */
export function latencyChecks(
  task: string,
  pairs: readonly SamplePair[],
  whyNot: string | undefined,
  policy: GatePolicy,
): RatioCheck[] {
  const measures = [
    ['first token', ({firstTokenMs}: SampleTiming) => firstTokenMs],
    ['next token', ({nextTokenMs}: SampleTiming) => nextTokenMs],
  ] as const
  return measures.map(([measure, timeOf]) =>
    judged(
      {task, measure, maxRatio: taskLimitOf(policy, task, 'maxLatencyRatio') ?? NO_LIMIT},
      whyNot === undefined ? timeRatio(pairs, timeOf) : {missing: whyNot},
    ),
  )
}

/**
 * Geometric mean of the paired ratios, with its bootstrap interval: one slow sample weighs no more than others, and run
 * over baseline is one over baseline over run.
 */
function timeRatio(
  pairs: readonly SamplePair[],
  timeOf: (timing: SampleTiming) => number | undefined,
): Estimate | Missing {
  const logarithms = pairs.flatMap(({baseline, run}) => {
    const theirs = baseline.timing === undefined ? undefined : timeOf(baseline.timing)
    const ours = run.timing === undefined ? undefined : timeOf(run.timing)
    return theirs !== undefined && ours !== undefined && theirs > 0 && ours > 0
      ? [Math.log(ours / theirs)]
      : []
  })
  if (logarithms.length === 0) return {missing: 'no sample of both has such a time'}
  const {rows, rowOf} = sampleGroups(logarithms.length, 0)
  const sums = Array.from({length: rows}, () => [0])
  for (const [index, logarithm] of logarithms.entries()) sums[rowOf[index]!]![0]! += logarithm
  const {value, low, high} = bootstrapEstimate(
    {statistics: sums, value: ([sum = 0]) => sum / logarithms.length},
    {seed: 0, resamples: RATIO_DRAWS},
  )
  return {value: Math.exp(value), low: Math.exp(low), high: Math.exp(high), count: logarithms.length}
}

/** Peak memory of the whole runs; most runs hold none. */
export function memoryCheck(
  baseline: Side,
  run: Side,
  whyNot: string | undefined,
  {maxMemoryRatio}: GatePolicy,
): RatioCheck {
  const names = {
    task: {missing: 'of the whole run'},
    measure: 'peak memory',
    maxRatio: maxMemoryRatio ?? NO_LIMIT,
  } as const
  if (whyNot !== undefined) return judged(names, {missing: whyNot})
  const [theirs, ours] = [baseline, run].map(({machine}) => machine?.['peakBytes'])
  if (typeof theirs !== 'number' || typeof ours !== 'number' || !(theirs > 0))
    return judged(names, {missing: 'the runs hold no measurement of memory'})
  return judged(names, {value: ours / theirs})
}

/** A limit that was asked for and cannot be checked leaves the gate open: it must not pass in silence. */
function judged(
  names: Pick<RatioCheck, 'task' | 'measure' | 'maxRatio'>,
  ratio: RatioCheck['ratio'],
): RatioCheck {
  const check = {kind: 'ratio', ...names, ratio} as const
  const {maxRatio} = names
  if ('missing' in ratio) {
    const verdict = typeof maxRatio === 'number' ? 'inconclusive' : 'not gated'
    return {...check, verdict, why: `not compared: ${ratio.missing}`}
  }
  const [low, high] = 'low' in ratio ? [ratio.low, ratio.high] : [ratio.value, ratio.value]
  const figures = `${ratio.value.toFixed(3)}${'low' in ratio ? ` [${low.toFixed(3)}, ${high.toFixed(3)}]` : ''} of the baseline`
  if (typeof maxRatio !== 'number') return {...check, verdict: 'not gated', why: figures}
  if (high <= maxRatio) return {...check, verdict: 'passed', why: `${figures}, within ${maxRatio}`}
  if (low > maxRatio) return {...check, verdict: 'regression', why: `${figures}, beyond ${maxRatio}`}
  return {...check, verdict: 'inconclusive', why: `${figures}, on both sides of ${maxRatio}`}
}
