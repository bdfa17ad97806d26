import type {Estimate} from '../stats/estimate.ts'
import type {MetricEstimate} from '../stats/metric-estimate.ts'

export type Verdict = 'passed' | 'regression' | 'inconclusive'

/** One thing that was asked, and the answer with its reason. */
export type Check = TaskCheck | SamplesCheck | MetricCheck | AnswersCheck | RatioCheck

interface Judged {
  /** `not gated`: shown, but no limit was asked for. */
  readonly verdict: Verdict | 'not gated'
  /** One sentence. */
  readonly why: string
}

/** A task of the baseline that the run does not have. */
export interface TaskCheck extends Judged {
  readonly kind: 'task'
  readonly task: string
}

/** Whether the run scored every sample that the baseline scored. */
export interface SamplesCheck extends Judged {
  readonly kind: 'samples'
  readonly task: string
  /** Scored on both sides. */
  readonly paired: number
  /** Scored in the baseline and absent from the run. */
  readonly missing: readonly string[]
  /** Scored in the baseline and failed in the run. */
  readonly failed: readonly string[]
  /** In the run and not in the baseline. */
  readonly added: number
}

export interface MetricCheck extends Judged {
  readonly kind: 'metric'
  readonly task: string
  readonly metric: string
  readonly scale: number
  readonly baseline: number | Missing
  readonly run: number | Missing
  /** Run minus baseline over the samples of both, with its 95% interval. */
  readonly difference: MetricEstimate
  /** Two-sided, by approximate randomisation, of no difference at all. */
  readonly p: number | Missing
  /** After Holm, over all metrics of this gate. */
  readonly adjustedP: number | Missing
  /** In the units of the metric; missing when another limit was given. */
  readonly maxDrop: number | Missing
  /** Least value, in the units of the metric. */
  readonly atLeast: number | Missing
}

/** How many answers are not what they were. */
export interface AnswersCheck extends Judged {
  readonly kind: 'answers'
  readonly task: string
  readonly changed: number
  readonly paired: number
  readonly maxChanged: number | Missing
}

export interface RatioCheck extends Judged {
  readonly kind: 'ratio'
  /** Missing for what is measured of a whole run. */
  readonly task: string | Missing
  readonly measure: 'first token' | 'next token' | 'peak memory'
  /** Run over baseline. */
  readonly ratio: Estimate | {readonly value: number} | Missing
  readonly maxRatio: number | Missing
}

/** A value that is not there, and why. */
export interface Missing {
  readonly missing: string
}

export function isMissing(value: unknown): value is Missing {
  return typeof value === 'object' && value !== null && 'missing' in value
}

/** The worst of all: a regression is one whatever else is open; what is open keeps the rest from passing. */
export function overallVerdict(checks: readonly Check[], unfinished: readonly string[]): Verdict {
  if (unfinished.length > 0) return 'inconclusive'
  for (const verdict of ['regression', 'inconclusive'] as const)
    if (checks.some((check) => check.verdict === verdict)) return verdict
  return 'passed'
}

/** What a table, a test case and an annotation call the check. */
export function checkName(check: Check): string {
  switch (check.kind) {
    case 'task':
      return 'task'
    case 'samples':
      return 'samples'
    case 'metric':
      return check.metric
    case 'answers':
      return 'changed answers'
    case 'ratio':
      return check.measure
  }
}
