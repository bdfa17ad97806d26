import type {EvalConfig} from '../config/eval-config.ts'
import {planDigest} from '../store/manifest.ts'
import {findRun} from '../store/read-run.ts'
import {type EvaluateOptions, type PreparedRun, prepareRun} from './evaluate.ts'
import {planPool} from './plan-pool.ts'
import type {PlannedTask} from './plan-run.ts'
import {pools, selectedRows} from './selected-rows.ts'
import {taskRun} from './task-run.ts'

/** One task of a plan, looked at without running it. */
export interface TaskPreview {
  readonly task: string
  readonly version: number
  readonly data: {readonly source: string; readonly split: string; readonly digest: string}
  readonly samples: number
  /** Rows that cannot be read or whose prompt cannot be made; they become failed records. */
  readonly unusable: number
  /** Tokens of a prompt; absent when no prompt could be made. */
  readonly promptTokens?: {
    readonly least: number
    readonly median: number
    readonly most: number
    readonly total: number
  }
  readonly truncatedPrompts: number
  readonly groups: number
  readonly chat: boolean
  readonly truncation: string
  readonly stopStrings: readonly string[]
  readonly generation: PlannedTask['generation']
  readonly metrics: readonly string[]
}

/** What a run would do. */
export interface RunPreview {
  readonly folder: string
  readonly planDigest: string
  readonly state: 'new' | 'unfinished' | 'finished'
  readonly batchSize: number | 'auto'
  /** Samples that are decoded and become durable together. */
  readonly groupRows: number
  readonly tasks: readonly TaskPreview[]
}

/** Reads the data and makes every prompt, but decodes and writes nothing. */
export async function previewRun(
  config: EvalConfig,
  options: Omit<EvaluateOptions, 'signal'>,
): Promise<RunPreview> {
  const prepared = await prepareRun(config, options)
  try {
    const {folder, plan, batchSize, groupRows} = prepared
    const stored = await findRun(folder)
    const tasks: TaskPreview[] = []
    for (const task of prepared.tasks) tasks.push(await previewTask(task, prepared, config))
    return {
      folder,
      planDigest: planDigest(plan),
      state: stored === undefined ? 'new' : stored.summary === undefined ? 'unfinished' : 'finished',
      batchSize,
      groupRows,
      tasks,
    }
  } finally {
    await prepared.checkpoint.inference.close()
  }
}

async function previewTask(
  planned: PlannedTask,
  {checkpoint, batchSize, groupRows, plan}: PreparedRun,
  config: EvalConfig,
): Promise<TaskPreview> {
  const run = taskRun(planned, checkpoint, {...config, batchSize})
  const lengths: number[] = []
  const counts = {samples: 0, groups: 0, truncatedPrompts: 0}
  for await (const pool of pools(selectedRows(run.rows(), config.shard), plan.poolRows)) {
    counts.samples += pool.length
    counts.groups += Math.ceil(pool.length / groupRows)
    for (const sample of await planPool(run.task, pool, run.promptOf)) {
      if (sample.kind === 'failed') continue
      lengths.push(sample.prompt.ids.length)
      if (sample.prompt.truncatedTokens > 0) counts.truncatedPrompts++
    }
  }
  lengths.sort((a, b) => a - b)
  const [least] = lengths
  const {task, located, source, digest} = planned
  return {
    task: task.name,
    version: task.version,
    data: {source, split: located.split, digest},
    ...counts,
    unusable: counts.samples - lengths.length,
    ...(least === undefined
      ? {}
      : {
          promptTokens: {
            least,
            median: lengths[Math.floor(lengths.length / 2)] ?? least,
            most: lengths.at(-1) ?? least,
            total: lengths.reduce((sum, length) => sum + length, 0),
          },
        }),
    chat: planned.isChat,
    truncation: planned.truncation,
    stopStrings: planned.stopStrings,
    generation: planned.generation,
    metrics: planned.metrics.map(({id}) => id),
  }
}
