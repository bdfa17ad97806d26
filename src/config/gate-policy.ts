import {z} from 'zod'
import {names} from './eval-config.ts'

/** How far a metric may fall: in the metric's own units, or as a share of the baseline's value. */
export type MaxDrop =
  | {readonly kind: 'absolute'; readonly value: number}
  | {readonly kind: 'relative'; readonly share: number}

const PERCENT = /^\d+(\.\d+)?%$/
const percent = (text: string): number => Number(text.slice(0, -1)) / 100

const DROP = 'must be a number from 0 in the units of the metric, or a share of the baseline such as 1%'
const maxDrop = z
  .union([z.number({error: DROP}).nonnegative({error: DROP}), z.string().regex(PERCENT, {error: DROP})], {
    error: DROP,
  })
  .transform(
    (value): MaxDrop =>
      typeof value === 'number' ? {kind: 'absolute', value} : {kind: 'relative', share: percent(value)},
  )
  .describe(
    'How far a metric may fall. Passed when the whole 95% interval of the difference lies above it, a regression when it lies below and p < 0.05, else inconclusive. A hundredth of the metric’s scale when no limit is given.',
  )

const SHARE = 'must be a share such as 0.99 or 99%'
const share = (description: string) =>
  z
    .union([z.number({error: SHARE}).min(0, {error: SHARE}), z.string().regex(PERCENT, {error: SHARE})], {
      error: SHARE,
    })
    .transform((value) => (typeof value === 'number' ? value : percent(value)))
    .refine((value) => value <= 1, {error: SHARE})
    .describe(description)

const RATIO = 'must be a positive ratio such as 1.2'
const ratio = (description: string) => z.number({error: RATIO}).positive({error: RATIO}).describe(description)

const metricLimits = {
  maxDrop: maxDrop.optional(),
  atLeast: share(
    'The least share of the baseline’s value, compared without an interval: MLPerf asks for 99%.',
  ).optional(),
}

const METRICS = 'must be metric ids, or limits by metric id'
const taskLimits = {
  ...metricLimits,
  metrics: z
    .union([names('metric ids'), z.record(z.string(), z.strictObject(metricLimits))], {error: METRICS})
    .optional()
    .describe('The metrics that are gated, with limits of their own if need be; all when absent.'),
  maxChanged: share(
    'The largest share of answers that may differ at all; 0 asks for equal answers.',
  ).optional(),
  maxLatencyRatio: ratio(
    'The largest ratio of new to old time to the first token, and of time for each further token; needs two runs of one machine.',
  ).optional(),
}

/** What may differ between the two sides when asked for. */
export const DIFFERENCES = ['task', 'prompt', 'data', 'decoding', 'metric'] as const
export type DifferenceKind = (typeof DIFFERENCES)[number]
const ALLOWED = `must be one or more of ${DIFFERENCES.join(', ')}`

/** A policy for `slm gate --policy`. A task's own limits win over those of the whole, a metric's over its task's. */
export const gatePolicySchema = z
  .strictObject({
    ...taskLimits,
    maxMemoryRatio: ratio(
      'The largest ratio of new to old peak memory; needs two runs of one machine.',
    ).optional(),
    allowDifferent: names('kinds of difference')
      .refine((list): list is DifferenceKind[] => list.every(isDifference), {error: ALLOWED})
      .default([])
      .describe(`What may differ between run and baseline: ${DIFFERENCES.join(', ')}.`),
    flips: z
      .int({error: 'must be an integer from 0'})
      .nonnegative({error: 'must be an integer from 0'})
      .default(10)
      .describe('How many changed samples of each task are listed with their texts.'),
    tasks: z
      .record(z.string(), z.strictObject(taskLimits), {error: 'must be limits by task name'})
      .default({})
      .describe('Limits of single tasks, by name.'),
  })
  .describe('Limits for `slm gate --policy`; flags of the same name win over the limits of the whole.')

export type GatePolicy = z.output<typeof gatePolicySchema>

function isDifference(name: string): name is DifferenceKind {
  return (DIFFERENCES as readonly string[]).includes(name)
}

/** What holds for one metric: the most specific place that names a limit decides alone. */
export interface MetricLimits {
  readonly maxDrop?: MaxDrop | undefined
  readonly atLeast?: number | undefined
}

/** A hundredth of the scale: one point of a hundred, 0.01 of a value in 0..1. */
const DEFAULT_DROP = 0.01

export function metricLimitsOf(
  policy: GatePolicy,
  task: string,
  metric: string,
  scale: number,
): MetricLimits {
  const ofTask = own(policy.tasks, task)
  const ofMetric = [ofTask, policy].map((part) =>
    part?.metrics === undefined || Array.isArray(part.metrics) ? undefined : own(part.metrics, metric),
  )
  const places: readonly (MetricLimits | undefined)[] = [ofMetric[0], ofTask, ofMetric[1], policy]
  return (
    places.find((place) => place?.maxDrop !== undefined || place?.atLeast !== undefined) ?? {
      maxDrop: {kind: 'absolute', value: DEFAULT_DROP * scale},
    }
  )
}

/** The gated metrics of a task; undefined for all. */
export function gatedMetricsOf(policy: GatePolicy, task: string): readonly string[] | undefined {
  const metrics = own(policy.tasks, task)?.metrics ?? policy.metrics
  if (metrics === undefined) return undefined
  return Array.isArray(metrics) ? metrics : Object.keys(metrics)
}

/** A limit of a whole task. */
export function taskLimitOf(
  policy: GatePolicy,
  task: string,
  name: 'maxChanged' | 'maxLatencyRatio',
): number | undefined {
  return own(policy.tasks, task)?.[name] ?? policy[name]
}

function own<Value>(record: Readonly<Record<string, Value>>, name: string): Value | undefined {
  return Object.hasOwn(record, name) ? record[name] : undefined
}
