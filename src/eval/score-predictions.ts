import {SlmError} from '../errors.ts'
import {metricById} from '../metrics/catalogue.ts'
import type {Metric} from '../metrics/metric.ts'
import {DEFAULT_RESAMPLES} from '../stats/bootstrap.ts'
import {extractAnswer} from '../tasks/extract-answer.ts'
import {loadTask} from '../tasks/load-task.ts'
import {readSamples} from '../tasks/read-samples.ts'
import type {Task} from '../tasks/task.ts'
import {PREDICTIONS, REFERENCES, readScoreEntries} from './score-entries.ts'
import {clustersOf, type ScoreEstimate, scoreEstimates} from './score-intervals.ts'
import {
  refuseMissing,
  type ScorePair,
  type ScoreReference,
  type ScoreReferences,
  scorePairs,
} from './score-pairs.ts'

export interface ScoreRequest {
  /** A shipped task's name, or the path of a task's YAML. */
  readonly task: string
  readonly predictions: string
  /** Where the right answers stand: a file of rows, or else the task's data (named, or its own). */
  readonly references?: string | undefined
  readonly data?: string | undefined
  readonly split?: string | undefined
  /** The task's own metrics when absent. */
  readonly metrics?: readonly string[] | undefined
  /** What a reference without a prediction counts as. */
  readonly missing: 'refuse' | 'wrong' | 'skip'
  /** Whether answers are first taken from the texts by the task's own steps; by default a prediction is scored as it stands. */
  readonly isExtracting: boolean
  readonly seed: number
  readonly resamples?: number | undefined
  /** A field of the task's data, e.g. `context`: intervals draw all samples that share it together. */
  readonly cluster?: string | undefined
}

export interface PredictionScores {
  readonly task: string
  /** Samples that were scored. */
  readonly count: number
  readonly metrics: Readonly<Record<string, ScoreEstimate>>
  /** References without a prediction, and how they were counted. */
  readonly missing: {readonly count: number; readonly countedAs: 'wrong' | 'skip' | 'refuse'}
  readonly interval: {
    readonly confidence: 0.95
    readonly seed: number
    readonly resamples: number
    /** The field whose values were drawn whole, and how many there are; absent when samples were drawn. */
    readonly clusters?: {readonly field: string; readonly count: number}
  }
  /** What each metric is. */
  readonly definitions: Readonly<Record<string, Pick<Metric, 'version' | 'scale' | 'source'>>>
  readonly notes: readonly string[]
}

/** Scores text that somebody else produced, as a task's own runs are scored. */
export async function scorePredictions(request: ScoreRequest): Promise<PredictionScores> {
  const task = await loadTask(request.task)
  const metrics = await Promise.all((request.metrics ?? task.metrics).map(metricById))
  const predictions = await readScoreEntries(request.predictions, PREDICTIONS)
  const {references, notes} = await readReferences(task, request)
  const all = scorePairs(references, predictions)
  if (request.missing === 'refuse') refuseMissing(all, predictions.file)
  const answered = all.filter(({prediction}) => prediction !== undefined)
  const pairs = request.missing === 'skip' ? answered : all
  if (pairs.length === 0)
    throw new SlmError('score-nothing', `${predictions.file} and ${references.source} share no id`, {
      hint: 'Check that both belong to the same data.',
    })
  return {
    task: task.name,
    count: pairs.length,
    missing: {count: all.length - answered.length, countedAs: request.missing},
    ...estimated(task, metrics, pairs, request),
    definitions: Object.fromEntries(
      metrics.map(({id, version, scale, source}) => [id, {version, scale, source}]),
    ),
    notes,
  }
}

function estimated(
  task: Task,
  metrics: readonly Metric[],
  pairs: readonly ScorePair[],
  {isExtracting, seed, resamples = DEFAULT_RESAMPLES, cluster: field}: ScoreRequest,
): Pick<PredictionScores, 'metrics' | 'interval'> {
  const extract = isExtracting ? (text: string) => extractAnswer(task, text) : undefined
  const list = metrics.map((metric) => ({
    metric,
    statistics: pairs.map((pair) => pairStatistics(metric, pair, extract)),
  }))
  const interval = {confidence: 0.95, seed, resamples} as const
  if (field === undefined) return {metrics: scoreEstimates(list, {seed, resamples}), interval}
  const clusters = clustersOf(pairs, field)
  return {
    metrics: scoreEstimates(list, {seed, resamples, clusters}),
    interval: {...interval, clusters: {field, count: new Set(clusters).size}},
  }
}

/**
 * A missing prediction is never right: as an empty text it would be the right answer to a question without one. A metric
 * that is a mean of scores (one statistic) counts it as 0, a corpus metric as a text without words.
 */
function pairStatistics(
  metric: Metric,
  {prediction, references, kind}: ScorePair,
  extract: ((text: string) => string) | undefined,
): readonly number[] | undefined {
  if (prediction !== undefined)
    return metric.statistics(extract?.(prediction) ?? prediction, references, kind)
  const empty = metric.statistics('', references, kind)
  return empty?.length === 1 ? [0] : empty
}

async function readReferences(
  task: Task,
  request: ScoreRequest,
): Promise<{references: ScoreReferences; notes: string[]}> {
  if (request.references !== undefined) {
    const {kind, file, entries} = await readScoreEntries(request.references, REFERENCES)
    const rows = entries.map(({id, value}) => ({id, references: value}))
    return {references: {source: file, isNumbered: kind === 'by-line', rows}, notes: []}
  }
  const rows: ScoreReference[] = []
  const bad: string[] = []
  for await (const result of readSamples(task, {data: request.data, split: request.split})) {
    if (result.kind === 'row') rows.push(result.row)
    else bad.push(`${result.id}: ${result.error}`)
  }
  const notes =
    bad.length === 0 ? [] : [`${bad.length} rows of the data cannot be read and are left out; ${bad[0]}`]
  const source = `the data of ${task.name}`
  return {references: {source, isNumbered: task.columns.id === undefined, rows}, notes}
}
