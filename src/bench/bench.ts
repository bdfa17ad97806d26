import {join} from 'node:path'
import type {BenchConfig} from '../config/bench-config.ts'
import {SlmError} from '../errors.ts'
import {type BenchWriter, openBenchFolder} from '../store/bench-folder.ts'
import {type BenchPlan, benchPlanDigest} from '../store/bench-manifest.ts'
import type {BenchRecord, MachineRecord} from '../store/bench-record.ts'
import {analyticCost} from './analytic-cost.ts'
import {type BenchCell, benchCells, cellKey} from './cells.ts'
import {estimatedSeconds} from './estimate-time.ts'
import {unequalParts} from './fairness.ts'
import {measureMachine, type Versions} from './measure-machine.ts'
import {isBusy, measureSample, type SampleTools} from './measure-sample.ts'
import {type Job, planBench, remainingJobs, whyNot} from './plan-bench.ts'
import {openSubjects, recordedFacts, type Subject, type SubjectOptions} from './subjects.ts'

/** What a benchmark tells while it runs. */
export type BenchEvent =
  | {readonly kind: 'note'; readonly text: string}
  | {readonly kind: 'sample'; readonly done: number; readonly planned: number; readonly job: Job}

export interface BenchOptions extends SubjectOptions, Omit<SampleTools, 'signal'> {
  readonly resultsDir: string
  readonly versions: Versions
  /** ISO 8601 of now. */
  readonly now: () => string
  readonly onEvent: (event: BenchEvent) => void
}

export interface FinishedBench {
  readonly folder: string
  readonly plan: BenchPlan
  readonly records: readonly BenchRecord[]
  /** In what the models are not equal. */
  readonly unequal: readonly string[]
  /** Samples of the plan that could not be measured: those that failed, and those that were not tried after that. */
  readonly unmeasured: number
}

/** A benchmark before it runs: opened models and what is to be measured. */
interface PreparedBench {
  readonly folder: string
  readonly plan: BenchPlan
  readonly subjects: readonly Subject[]
  readonly unequal: readonly string[]
}

async function prepareBench(config: BenchConfig, options: BenchOptions): Promise<PreparedBench> {
  const subjects = await openSubjects(config, options)
  const plan = planBench(config, subjects, options.versions.all)
  const folder = config.out ?? join(options.resultsDir, `bench-${benchPlanDigest(plan).slice(0, 8)}`)
  return {folder, plan, subjects, unequal: unequalParts(subjects)}
}

/** What would be measured in a new folder, and roughly how long it takes here. */
export interface BenchPreview extends Omit<PreparedBench, 'subjects'> {
  readonly processes: number
  readonly cells: readonly {
    readonly model: string
    readonly cell: BenchCell
    /** Undefined for a cell that is measured. */
    readonly whyNot: string | undefined
  }[]
  readonly machine: MachineRecord
  readonly seconds: number | {readonly missing: string}
}

export function previewBench(config: BenchConfig, options: BenchOptions): Promise<BenchPreview> {
  return untilStopped(options, 'interrupted; nothing was measured', () => prepareAndEstimate(config, options))
}

async function prepareAndEstimate(config: BenchConfig, options: BenchOptions): Promise<BenchPreview> {
  const {subjects, ...prepared} = await prepareBench(config, options)
  const {plan} = prepared
  const machine = await measureMachine(plan, [], options)
  const jobs = remainingJobs(plan, subjects, [])
  return {
    ...prepared,
    processes: jobs.length,
    cells: benchCells(plan).flatMap((cell) =>
      subjects.map((subject) => ({model: subject.label, cell, whyNot: whyNot(subject, cell)})),
    ),
    machine,
    seconds: estimatedSeconds(plan, jobs, machine),
  }
}

/** Measures what the folder does not hold yet, and gives back all of its records. */
export function runBench(config: BenchConfig, options: BenchOptions): Promise<FinishedBench> {
  const message = 'interrupted; what was measured so far is kept'
  return untilStopped(options, message, () => prepareAndMeasure(config, options))
}

/** A process that Ctrl-C ended has its own complaint about that: `message` is said instead. */
async function untilStopped<Value>(
  {signal}: BenchOptions,
  message: string,
  work: () => Promise<Value>,
): Promise<Value> {
  try {
    return await work()
  } catch (error) {
    throw signal?.aborted ? new SlmError('interrupted', message, {exit: 130}) : error
  }
}

async function prepareAndMeasure(config: BenchConfig, options: BenchOptions): Promise<FinishedBench> {
  const {folder, plan, subjects, unequal} = await prepareBench(config, options)
  for (const line of unequal) options.onNote(`not equal: ${line}`)
  const writer = await openBenchFolder(folder, plan)
  try {
    const jobs = remainingJobs(plan, subjects, writer.file.records)
    if (jobs.length > 0 || writer.file.records.length === 0) {
      const machine = await measureMachine(plan, writer.file.records, options)
      await writer.file.append(machine, ...headLines(plan, subjects, writer.file.records))
      noteLoad(machine, options)
      await measureAll(jobs, machine.start, writer, options)
    }
    const records = [...writer.file.records]
    return {folder, plan, records, unequal, unmeasured: remainingJobs(plan, subjects, records).length}
  } finally {
    await writer.close()
  }
}

function noteLoad({otherLoad}: MachineRecord, {onNote}: BenchOptions): void {
  if (!isBusy(otherLoad)) return
  onNote(
    `other programs use ${(100 * otherLoad).toFixed(0)}% of the processors: figures of this run will be too slow and uneven`,
  )
}

/** What each model is and each cell costs, and which cells cannot be measured; only what the file does not say yet. */
function headLines(
  plan: BenchPlan,
  subjects: readonly Subject[],
  records: readonly BenchRecord[],
): BenchRecord[] {
  const known = new Set(records.map(keyOf))
  const lines: BenchRecord[] = []
  for (const subject of subjects) {
    lines.push(modelLine(subject))
    for (const cell of benchCells(plan)) lines.push(...cellLines(subject, cell))
  }
  return lines.filter((line) => !known.has(keyOf(line)))
}

function keyOf(record: BenchRecord): string {
  if (record.kind === 'machine') return `machine ${record.start}`
  return record.kind === 'model' ? `model ${record.model}` : `${record.kind} ${cellKey(record.model, record)}`
}

function modelLine(subject: Subject): BenchRecord {
  const {facts} = subject.description
  return {
    kind: 'model',
    model: subject.label,
    ...recordedFacts(subject),
    contextLength: facts.contextLength ?? {missing: 'no configuration file names it'},
    threads: facts.threads,
    notes: [...facts.notes],
  }
}

function cellLines(subject: Subject, cell: BenchCell): BenchRecord[] {
  const {prefixTokens: _, ...place} = cell
  const why = whyNot(subject, cell)
  if (why !== undefined) return [{kind: 'missing', model: subject.label, ...place, why}]
  const {work} = subject.description
  return work === undefined
    ? []
    : [{kind: 'cost', model: subject.label, ...place, ...analyticCost(work, cell)}]
}

/** A model that failed in a cell is left out of the cell's other repeats: they would fail alike. */
async function measureAll(
  jobs: readonly Job[],
  start: number,
  {file}: BenchWriter,
  options: BenchOptions,
): Promise<void> {
  const failed = new Set<string>()
  for (const [done, job] of jobs.entries()) {
    options.signal?.throwIfAborted()
    const key = cellKey(job.subject.label, job.cell)
    if (failed.has(key)) continue
    options.onEvent({kind: 'sample', done, planned: jobs.length, job})
    const samples = await measureSample({...job, start}, options)
    await file.append(...samples)
    for (const sample of samples) {
      if (sample.status === 'measured') continue
      failed.add(key)
      options.onNote(
        `${job.subject.label}, ${job.cell.inputTokens} tokens, batch ${job.cell.batch}: ${sample.why}`,
      )
    }
  }
}
