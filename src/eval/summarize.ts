import type {Metric} from '../metrics/metric.ts'
import {metricEstimates} from '../stats/metric-estimate.ts'
import type {Manifest} from '../store/manifest.ts'
import type {SampleRecord} from '../store/record.ts'
import type {MetricValue, RunSummary, TaskSummary} from '../store/run-summary.ts'

/** Metrics by id, opened. */
export type Metrics = ReadonlyMap<string, Metric>

/** What is gathered of one task while its records stream by. */
interface Tally {
  readonly counts: Omit<TaskSummary, 'task' | 'metrics' | 'notes'>
  /** Metric id to the statistics of each scored sample; undefined where the sample does not count. */
  readonly statistics: Map<string, (readonly number[] | undefined)[]>
}

/**
 * The summary of a run from its records alone, in their order: equal records give equal bytes. Failed samples are
 * counted and in no metric; a metric for which no sample counts says so.
 */
export async function summarize(
  manifest: Pick<Manifest, 'planDigest' | 'tasks' | 'seed' | 'batching' | 'missingShards'>,
  records: AsyncIterable<SampleRecord>,
  metrics: Metrics,
): Promise<RunSummary> {
  const tallies = new Map(manifest.tasks.map((task) => [task.name, newTally(task.metrics)]))
  for await (const record of records) {
    const tally = tallies.get(record.task)
    if (tally !== undefined) count(tally, record, metrics)
  }
  return {
    planDigest: manifest.planDigest,
    tasks: [...tallies].map(([task, {counts, statistics}]) => ({
      task,
      ...counts,
      metrics: metricValues(statistics, metrics, manifest.seed),
      notes: taskNotes(counts),
    })),
    notes: runNotes(manifest),
  }
}

function newTally(metrics: readonly {readonly id: string}[]): Tally {
  return {
    counts: {
      planned: 0,
      scored: 0,
      failed: {total: 0, data: 0, prompt: 0, decode: 0, score: 0},
      truncated: {rows: 0, tokens: 0},
      finish: {'end-token': 0, 'stop-string': 0, length: 0},
      promptTokens: 0,
      newTokens: 0,
    },
    statistics: new Map(metrics.map(({id}) => [id, []])),
  }
}

function count({counts, statistics}: Tally, record: SampleRecord, metrics: Metrics): void {
  counts.planned++
  if (record.status === 'failed') {
    counts.failed.total++
    counts.failed[record.stage]++
    return
  }
  counts.scored++
  counts.finish[record.finish]++
  counts.promptTokens += record.promptIds.length
  counts.newTokens += record.newIds.length
  if (record.truncatedTokens > 0) {
    counts.truncated.rows++
    counts.truncated.tokens += record.truncatedTokens
  }
  for (const [id, samples] of statistics)
    samples.push(metrics.get(id)?.statistics(record.answer, record.references, record.kind))
}

function metricValues(
  statistics: Tally['statistics'],
  metrics: Metrics,
  seed: number,
): Record<string, MetricValue> {
  const known = [...statistics].flatMap(([id, samples]) => {
    const metric = metrics.get(id)
    return metric === undefined ? [] : [{id, metric, statistics: samples}]
  })
  const estimates = metricEstimates(known, {seed})
  const values = new Map(known.map(({id}, place) => [id, estimates[place]]))
  return Object.fromEntries(
    [...statistics.keys()].map((id) => [
      id,
      values.get(id) ?? {missing: 'this version of slm has no such metric'},
    ]),
  )
}

function taskNotes({planned, failed, finish, truncated}: Tally['counts']): string[] {
  const notes: string[] = []
  if (failed.total > 0) {
    const stages = (['data', 'prompt', 'decode', 'score'] as const).filter((stage) => failed[stage] > 0)
    const byStage = stages.map((stage) => `${stage} ${failed[stage]}`).join(', ')
    notes.push(`${failed.total} of ${planned} samples failed (${byStage}) and are in no metric`)
  }
  if (finish.length > 0) notes.push(`${finish.length} answers stopped at the length limit`)
  if (truncated.rows > 0)
    notes.push(`${truncated.rows} prompts were cut, by ${truncated.tokens} tokens in all`)
  return notes
}

function runNotes({batching, missingShards}: Pick<Manifest, 'batching' | 'missingShards'>): string[] {
  const notes: string[] = []
  if (batching.kind === 'inexact') notes.push(`answers may depend on the batch: ${batching.why}`)
  if (missingShards !== undefined)
    notes.push(`inconclusive: shards ${missingShards.join(', ')} are missing or unfinished`)
  return notes
}
