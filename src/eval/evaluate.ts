import {join} from 'node:path'
import type {EvalConfig} from '../config/eval-config.ts'
import {SlmError} from '../errors.ts'
import type {Metric} from '../metrics/metric.ts'
import type {Manifest, Plan} from '../store/manifest.ts'
import {findRun, readRecords} from '../store/read-run.ts'
import {openRunFolder, type RunWriter, refuseOtherPlan} from '../store/run-folder.ts'
import type {RunSummary} from '../store/run-summary.ts'
import type {OnEvent} from './events.ts'
import {machineInUse} from './machine.ts'
import {type Checkpoint, type OpenCheckpoint, openCheckpoint} from './open-checkpoint.ts'
import {openTasks} from './open-tasks.ts'
import {batchSizeFor, type PlannedTask, planRun, planTask, runName} from './plan-run.ts'
import {runTask} from './run-task.ts'
import {countRows} from './selected-rows.ts'
import {summarize} from './summarize.ts'
import {taskRun} from './task-run.ts'

/** Samples of a group for each row of a batch: finished rows leave, waiting ones take their place, so few steps run half empty. */
const GROUP_BATCHES = 8
/** Samples of a group when the batch size is found while running. */
const AUTO_GROUP_ROWS = 64

export interface EvaluateOptions {
  /** Aborted: the run finishes its group of samples and throws SlmError `interrupted`. */
  readonly signal: AbortSignal
  /** Aborted: the run gives up its group and throws the same error. */
  readonly stopNow?: AbortSignal
  readonly onEvent: OnEvent
  /** Where run folders without a name of their own go. */
  readonly resultsDir: string
  /** Peak memory of the process, asked at the end of a run that it did from the start; absent where the process does other things too. */
  readonly peakBytes?: () => number
  /** Opens the checkpoint; another one may be handed in to run without ONNX Runtime. */
  readonly open?: OpenCheckpoint
}

export interface EvaluatedRun {
  readonly folder: string
  readonly manifest: Manifest
  readonly summary: RunSummary
}

/** Everything that a run or its preview needs. `close` releases the model. */
export interface PreparedRun {
  readonly checkpoint: Checkpoint
  readonly plan: Plan
  readonly tasks: readonly PlannedTask[]
  readonly folder: string
  readonly batchSize: number | 'auto'
  readonly groupRows: number
}

/** Opens tasks and checkpoint and settles the plan; writes nothing. Close `checkpoint.inference` afterwards. */
export async function prepareRun(
  config: EvalConfig,
  {onEvent, resultsDir, open = openCheckpoint}: Omit<EvaluateOptions, 'signal'>,
): Promise<PreparedRun> {
  const opened = await openTasks(config)
  onEvent({kind: 'opening', model: config.model})
  const checkpoint = await open(config, onEvent)
  try {
    const {facts} = checkpoint.inference
    const {architecture, dtype, device, threads} = facts
    onEvent({kind: 'opened', model: checkpoint.name, architecture, dtype, device, threads})
    const tasks: PlannedTask[] = []
    for (const task of opened) tasks.push(await planTask(task, checkpoint, config))
    const plan = planRun(config, checkpoint, tasks)
    const batchSize = batchSizeFor(config, facts)
    return {
      checkpoint,
      plan,
      tasks,
      folder: config.out ?? join(resultsDir, runName(plan)),
      batchSize,
      groupRows: batchSize === 'auto' ? AUTO_GROUP_ROWS : batchSize * GROUP_BATCHES,
    }
  } catch (error) {
    await checkpoint.inference.close()
    throw error
  }
}

/**
 * Runs what is missing of an evaluation and returns its summary: the same call again goes on where the last one was
 * stopped, and a finished run is only read. Never prints; `onEvent` tells what happens.
 */
export async function evaluate(config: EvalConfig, options: EvaluateOptions): Promise<EvaluatedRun> {
  const prepared = await prepareRun(config, options)
  try {
    const {folder, plan} = prepared
    const stored = await findRun(folder)
    if (stored?.summary !== undefined) {
      refuseOtherPlan(stored, plan)
      return {folder, manifest: stored.manifest, summary: stored.summary}
    }
    return await run(prepared, config, options)
  } finally {
    await prepared.checkpoint.inference.close()
  }
}

async function run(
  prepared: PreparedRun,
  config: EvalConfig,
  options: EvaluateOptions,
): Promise<EvaluatedRun> {
  const {checkpoint, plan, batchSize, folder} = prepared
  const {facts} = checkpoint.inference
  const writer = await openRunFolder(folder, plan, {
    machine: machineInUse(facts, batchSize),
    card: checkpoint.card,
  })
  try {
    const isWhole = writer.samples.done.length === 0
    await runTasks(prepared, config, options, writer)
    const summary = await summarize(writer.manifest, readRecords(folder), metricsOf(prepared.tasks))
    await writer.finish(
      summary,
      isWhole && options.peakBytes !== undefined ? {peakBytes: options.peakBytes()} : {},
    )
    return {folder, manifest: writer.manifest, summary}
  } finally {
    await writer.close()
  }
}

async function runTasks(
  {checkpoint, tasks, batchSize, groupRows, plan, folder}: PreparedRun,
  config: EvalConfig,
  {signal, stopNow, onEvent}: EvaluateOptions,
  {samples}: RunWriter,
): Promise<void> {
  const runs = tasks.map((task) => taskRun(task, checkpoint, {...config, batchSize}))
  const counts: number[] = []
  for (const {rows} of runs) counts.push(await countRows(rows(), config.shard))
  const planned = counts.reduce((sum, count) => sum + count, 0)
  onEvent({kind: 'started', folder, planned, done: Math.min(samples.done.length, planned)})
  const {seed, shard} = config
  const done = [...samples.done]
  const shared = {
    seed,
    shard,
    poolRows: plan.poolRows,
    groupRows,
    signal,
    stopNow,
    onEvent,
    planned,
    samples,
    done,
  }
  let at = 0
  for (const [row, task] of runs.entries()) {
    onEvent({kind: 'task', task: task.task, planned: counts[row] ?? 0})
    const end = await runTask(checkpoint.inference, task, at, shared)
    if (end.isStopped) throw interrupted(end.at, planned)
    at = end.at
  }
  if (samples.done.length !== at)
    throw new SlmError('run-damaged', `${folder}: samples.jsonl holds more samples than the plan has`, {
      hint: 'It was changed by something else than slm: remove the run folder and run again.',
    })
}

function interrupted(done: number, planned: number): SlmError {
  return new SlmError('interrupted', `interrupted after ${done} of ${planned} samples, all of them kept`, {
    exit: 130,
  })
}

function metricsOf(tasks: readonly PlannedTask[]): ReadonlyMap<string, Metric> {
  return new Map(tasks.flatMap(({metrics}) => metrics.map((metric) => [metric.id, metric])))
}
