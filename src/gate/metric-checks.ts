import {type GatePolicy, gatedMetricsOf, metricLimitsOf} from '../config/gate-policy.ts'
import {holm} from '../stats/holm.ts'
import {isMissing, type MetricCheck} from './checks.ts'
import {metricVerdict} from './metric-verdict.ts'
import type {SamplePair} from './pair-samples.ts'
import {type PairedMetric, type PairedTest, pairedTests} from './paired-tests.ts'
import {isCounted, type TaskPart, type TaskScores} from './side.ts'
import type {KnownMetrics} from './statistics-of.ts'

/** A metric of one task before its p value was corrected for the others. */
export type MetricDraft =
  | {readonly kind: 'tested'; readonly tested: Tested; readonly lost: number}
  | {readonly kind: 'judged'; readonly check: MetricCheck}

type Tested = PairedTest & Names

/** Tests every gated metric of the baseline on one task. */
export function draftMetrics(
  baseline: TaskScores,
  run: TaskScores,
  pairs: readonly SamplePair[],
  known: KnownMetrics,
  policy: GatePolicy,
): MetricDraft[] {
  const task = baseline.part.name
  const gated = gatedMetricsOf(policy, task)
  const ids = baseline.part.metrics.map(({id}) => id).filter((id) => gated?.includes(id) ?? true)
  const present = ids.flatMap((id): (PairedMetric & {id: string})[] => {
    const metric = known.get(id)
    const runPlace = placeOf(run.part, id)
    if (metric === undefined || runPlace === -1) return []
    return [{id, metric, baselinePlace: placeOf(baseline.part, id), runPlace}]
  })
  const tests = pairedTests(pairs, present)
  return ids.map((id): MetricDraft => {
    const at = present.findIndex((metric) => metric.id === id)
    const test = tests[at]
    const scale = known.get(id)?.scale ?? 1
    const names = {kind: 'metric', task, metric: id, scale} as const
    if (test === undefined) return {kind: 'judged', check: absent(names, known.has(id))}
    const {baselinePlace, runPlace} = present[at]!
    const lost = pairs.filter(
      (pair) =>
        isCounted(pair.baseline.statistics[baselinePlace]) && !isCounted(pair.run.statistics[runPlace]),
    ).length
    if (!isMissing(test)) return {kind: 'tested', tested: {...test, ...names}, lost}
    const verdict = lost > 0 ? 'regression' : 'inconclusive'
    return {kind: 'judged', check: without(names, verdict, test.missing)}
  })
}

function placeOf({metrics}: TaskPart, id: string): number {
  return metrics.findIndex((metric) => metric.id === id)
}

type Names = Pick<MetricCheck, 'kind' | 'task' | 'metric' | 'scale'>

function absent(names: Names, isKnown: boolean): MetricCheck {
  return isKnown
    ? without(names, 'regression', 'the run does not have this metric')
    : without(names, 'inconclusive', 'this version of slm has no such metric')
}

/** A check without any number. */
function without(names: Names, verdict: MetricCheck['verdict'], why: string): MetricCheck {
  const missing = {missing: why}
  return {
    ...names,
    verdict,
    why,
    baseline: missing,
    run: missing,
    difference: missing,
    p: missing,
    adjustedP: missing,
    maxDrop: missing,
    atLeast: missing,
  }
}

/** Corrects all p values of a gate together, and judges. */
export function judgeMetrics(drafts: readonly MetricDraft[], policy: GatePolicy): MetricCheck[] {
  const tested = drafts.flatMap((draft) => (draft.kind === 'tested' ? [draft.tested] : []))
  const corrected = holm(tested.map(({p}) => p))
  return drafts.map((draft) =>
    draft.kind === 'judged' ? draft.check : judged(draft, corrected[tested.indexOf(draft.tested)]!, policy),
  )
}

function judged(
  {tested, lost}: Extract<MetricDraft, {kind: 'tested'}>,
  adjustedP: number,
  policy: GatePolicy,
): MetricCheck {
  const {task, metric, scale, baseline, run, difference} = tested
  const limits = metricLimitsOf(policy, task, metric, scale)
  const check = {...tested, ...metricVerdict({baseline, run, difference, adjustedP}, limits), adjustedP}
  if (lost === 0) return check
  return {
    ...check,
    verdict: 'regression',
    why: `${lost} samples have no value of this metric that had one before`,
  }
}
