import {realpath} from 'node:fs/promises'
import {basename} from 'node:path'
import {SlmError} from '../errors.ts'
import type {Manifest} from '../store/manifest.ts'
import {readRecords, readRun, type StoredRun} from '../store/read-run.ts'
import type {SampleRecord} from '../store/record.ts'
import {sortedFolders} from './bench-reading.ts'
import {type JudgeReading, readJudgeReadings} from './judge-reading.ts'
import {type Reading, type ReadModel, shortName} from './reading.ts'
import {type RecordStatistics, statisticsCounter} from './record-statistics.ts'
import {termsOf} from './terms.ts'

/** The metric that stands in the paper's cells. */
export const RL_METRIC = 'rougeL'

/** Reads run folders, one reading for each task of each; a folder named twice counts once. */
export async function readRuns(folders: readonly string[]): Promise<Reading[]> {
  const {runs} = await sortedFolders(folders)
  const seen = new Set<string>()
  const readings: Reading[] = []
  for (const folder of folders) {
    if (!runs.includes(folder))
      throw new SlmError('run-is-bench', `${folder} holds measurements of slm bench, no answers`, {
        hint: 'Compare it with slm compare --bench, or give it to slm report.',
      })
    const run = await readRun(folder)
    const real = await realpath(folder)
    if (seen.has(real)) continue
    seen.add(real)
    refuseShard(run)
    readings.push(...(await readingsOf(run)))
  }
  return readings
}

function refuseShard({folder, manifest}: StoredRun): void {
  if (manifest.shard === undefined) return
  throw new SlmError(
    'run-is-shard',
    `${folder} is shard ${manifest.shard.index}/${manifest.shard.count} of a run`,
    {
      hint: 'Join the shards first with slm merge.',
    },
  )
}

/** Counts of one task while its records stream by. */
interface Counter {
  scored: number
  failed: number
  truncated: number
  hitLength: number
  promptTokens: number
  readonly rougeL: Map<string, number>
}

async function readingsOf(run: StoredRun): Promise<Reading[]> {
  const {folder, manifest} = run
  const counters = new Map<string, Counter>(
    manifest.tasks.map(({name}) => [
      name,
      {scored: 0, failed: 0, truncated: 0, hitLength: 0, promptTokens: 0, rougeL: new Map()},
    ]),
  )
  const statistics = await statisticsCounter(manifest)
  for await (const record of records(folder)) {
    const counter = counters.get(record.task)
    if (counter === undefined)
      throw new SlmError('run-damaged', `${folder}: a record of ${record.task}, which is not in its manifest`)
    count(counter, record)
    if (record.status === 'scored') statistics.count(record)
  }
  const judges = await readJudgeReadings(folder)
  return manifest.tasks.map((task) =>
    readingOf(run, task, counters.get(task.name)!, statistics.of(task.name), judges.get(task.name) ?? []),
  )
}

/** A run that was stopped before its first record has no samples.jsonl yet. */
async function* records(folder: string): AsyncGenerator<SampleRecord> {
  try {
    yield* readRecords(folder)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error // the code of a system error
  }
}

function count(counter: Counter, record: SampleRecord): void {
  if (record.status === 'failed') {
    counter.failed++
    return
  }
  counter.scored++
  counter.promptTokens += record.promptIds.length
  if (record.truncatedTokens > 0) counter.truncated++
  if (record.finish === 'length') counter.hitLength++
  const value = record.scores[RL_METRIC]
  if (value !== undefined) counter.rougeL.set(record.id, value)
}

function readingOf(
  run: StoredRun,
  task: Manifest['tasks'][number],
  counter: Counter,
  statistics: RecordStatistics,
  judges: readonly JudgeReading[],
): Reading {
  const {manifest, summary} = run
  const done = counter.scored + counter.failed
  const planned = summary?.tasks.find((part) => part.task === task.name)?.planned ?? done
  return {
    run: basename(run.folder),
    planDigest: manifest.planDigest,
    model: modelOf(manifest),
    task: task.name,
    terms: termsOf(manifest, task),
    dataSource: task.data.source,
    dataDigest: task.data.digest,
    unfinished: unfinished(run, done, planned),
    tally: {
      planned,
      scored: counter.scored,
      failed: counter.failed,
      truncated: counter.truncated,
      hitLength: counter.hitLength,
    },
    meanPromptTokens: counter.scored === 0 ? undefined : counter.promptTokens / counter.scored,
    seed: manifest.seed,
    rougeL: task.metrics.some(({id}) => id === RL_METRIC) ? counter.rougeL : undefined,
    statistics,
    judges,
  }
}

/** Longest prompts come first, so the mean of a part is no estimate of the whole. */
function unfinished({manifest, summary}: StoredRun, done: number, planned: number): string | undefined {
  if (summary === undefined) return `the run stopped after ${done} samples; repeat its command to go on`
  if (manifest.missingShards !== undefined)
    return `merged without ${manifest.missingShards.length === 1 ? 'shard' : 'shards'} ${manifest.missingShards.join(', ')}`
  return done < planned ? `samples.jsonl holds ${done} of ${planned} samples` : undefined
}

function modelOf(manifest: Manifest): ReadModel {
  const {name, architecture, dtype, digest, card} = manifest.model
  return {
    name: shortName(name),
    architecture,
    dtype,
    variant: [
      dtype === 'fp32' ? '' : dtype,
      manifest.device === 'cpu' ? '' : manifest.device,
      manifest.exact ? 'exact' : '',
    ]
      .filter((word) => word !== '')
      .join(' '),
    digest,
    parameters: card?.parameters,
    encoderLayers: card?.encoderLayers,
    decoderLayers: card?.decoderLayers,
    training: card?.training,
    batching:
      manifest.batching.kind === 'exact'
        ? undefined
        : `${manifest.batching.why} (batch size ${manifest.batching.batchSize}, threads ${manifest.batching.threads})`,
  }
}
