import {hash} from 'node:crypto'
import {existsSync} from 'node:fs'
import {join} from 'node:path'
import {SlmError} from '../errors.ts'
import {jsonlLines} from '../store/jsonl-lines.ts'
import {RUN_FILES, readRun, type StoredRun} from '../store/read-run.ts'
import {parseScores, type ScoreRecord} from '../store/record-line.ts'
import type {Sample, SampleTiming, Side, TaskPart} from './side.ts'
import {knownMetrics, type ScoredLine, type StatisticsOf, statisticsOf} from './statistics-of.ts'

/** Hex digits of an answer's digest: two different answers look alike once in 2^48. */
const ANSWER_DIGITS = 12

/** A record in the making of a side: where it stands in the data. */
interface PlacedSample {
  readonly id: string
  readonly index: number
  readonly sample: Sample
}

/** Reads a run folder as far as comparisons need it; texts stay in the file. */
export async function readRunSide(folder: string): Promise<Side> {
  const run = await readRun(folder)
  const {manifest} = run
  if (manifest.shard !== undefined)
    throw new SlmError(
      'run-is-shard',
      `${folder} is shard ${manifest.shard.index}/${manifest.shard.count} of a run`,
      {
        hint: 'Join the shards first with slm merge.',
      },
    )
  const tasks = await readSamples(folder, manifest.tasks)
  const held = [...tasks.values()].reduce((sum, samples) => sum + samples.length, 0)
  const planned = (run.summary?.tasks ?? []).reduce((sum, task) => sum + task.planned, 0)
  const {planDigest, model, tokenizer, seed, device, exact, batching, versions, machine} = manifest
  return {
    path: folder,
    kind: 'run',
    facts: {planDigest, model, tokenizer, seed, device, exact, batching, versions},
    machine,
    unfinished: whyUnfinished(run, held),
    lostRecords: Math.max(0, planned - held),
    tasks: manifest.tasks.map((part) => ({part, samples: inDataOrder(folder, tasks.get(part.name) ?? [])})),
  }
}

async function readSamples(
  folder: string,
  parts: readonly TaskPart[],
): Promise<ReadonlyMap<string, readonly PlacedSample[]>> {
  const file = join(folder, RUN_FILES.samples)
  const metrics = await knownMetrics(parts)
  const readers = new Map(parts.map((part) => [part.name, statisticsOf(part, metrics)]))
  const tasks = new Map<string, PlacedSample[]>(parts.map(({name}) => [name, []]))
  if (tasks.size !== parts.length) throw damaged(folder, 'its manifest names a task twice')
  // A run that was stopped before its first record has no file yet; a half-written last line does not count.
  if (!existsSync(file)) return tasks
  let from = 0
  for await (const line of jsonlLines(file)) {
    if (!line.isComplete) break
    const record = parseScores(line.text, file, line.lineNumber)
    const samples = tasks.get(record.task)
    const reader = readers.get(record.task)
    if (samples === undefined || reader === undefined)
      throw damaged(folder, `line ${line.lineNumber} is of a task that is not in its manifest`)
    samples.push(placed(record, reader, {from, end: line.end}))
    from = line.end
  }
  return tasks
}

function placed(record: ScoreRecord, reader: StatisticsOf, bytes: {from: number; end: number}): PlacedSample {
  const {id, index} = record
  if (record.status === 'failed') return {id, index, sample: {status: 'failed', stage: record.stage}}
  return {
    id,
    index,
    sample: {
      status: 'scored',
      answerDigest: answerDigest(record.answer),
      statistics: reader(record),
      timing: timingOf(record),
      text: {kind: 'record', ...bytes},
    },
  }
}

function answerDigest(answer: string): string {
  return hash('sha256', answer, 'hex').slice(0, ANSWER_DIGITS)
}

function timingOf({timing: {firstTokenMs, totalMs}, newTokens}: ScoredLine): SampleTiming {
  return {
    firstTokenMs,
    nextTokenMs: newTokens < 2 ? undefined : (totalMs - firstTokenMs) / (newTokens - 1),
  }
}

function inDataOrder(folder: string, samples: readonly PlacedSample[]): ReadonlyMap<string, Sample> {
  const sorted = [...samples].sort((a, b) => a.index - b.index)
  const byId = new Map(sorted.map(({id, sample}) => [id, sample]))
  if (byId.size !== samples.length) throw damaged(folder, 'two of its records have the same id')
  return byId
}

/** Longest prompts come first, so what is there of an unfinished run is no sample of the whole. */
function whyUnfinished({manifest, summary}: StoredRun, held: number): string | undefined {
  if (summary === undefined) return `it stopped after ${held} samples; repeat its command to go on`
  const missing = manifest.missingShards
  if (missing !== undefined)
    return `it was merged without ${missing.length === 1 ? 'shard' : 'shards'} ${missing.join(', ')}`
  return undefined
}

/** Of the run, lost records are missing samples; of the baseline nobody could tell what they were. */
export function refuseCutBaseline({path, lostRecords}: Side): void {
  if (lostRecords === 0) return
  throw new SlmError(
    'run-damaged',
    `${path}: samples.jsonl holds ${lostRecords} fewer samples than its summary counts`,
    {hint: 'It was cut: restore it, or run again.'},
  )
}

function damaged(folder: string, why: string): SlmError {
  return new SlmError('run-damaged', `${folder}: ${why}`, {
    hint: 'It was changed by something else than slm: restore it, or run again.',
  })
}
