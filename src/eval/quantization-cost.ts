import {mkdtemp, rm} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {z} from 'zod'
import {evalConfigSchema} from '../config/eval-config.ts'
import {readCheckpointConfig} from '../engine/checkpoint-config.ts'
import type {Dtype} from '../engine/language-model.ts'
import {bootstrapEstimate, type Measured} from '../stats/bootstrap.ts'
import type {Estimate} from '../stats/estimate.ts'
import {pairedBootstrap} from '../stats/paired-bootstrap.ts'
import {readRecords} from '../store/read-run.ts'
import type {ScoredRecord} from '../store/record.ts'
import {taskNames} from '../tasks/load-task.ts'
import {type EvaluateOptions, evaluate} from './evaluate.ts'

/** What a small form of a checkpoint costs, on a sample of a task. */
export interface QuantizationCost {
  readonly dtype: Dtype
  readonly task: string
  /** Samples that were asked of both forms. */
  readonly samples: number
  /** Mean ROUGE-L of the float32 graphs and of the small ones, 0..1, and small minus float32 on the same samples; or why there is none. */
  readonly rougeL:
    | {readonly whole: Estimate; readonly small: Estimate; readonly difference: Estimate}
    | {readonly missing: string}
  /** Samples whose answers have the same tokens. */
  readonly equalAnswers: number
  /** Tokens of the float32 answers, and how many of them the small form gave before the first that differs. */
  readonly tokens: {readonly agreed: number; readonly of: number}
}

export interface CostRequest {
  /** Folder with the float32 graphs, and the one that the small ones were written to. */
  readonly folder: string
  readonly out: string
  readonly dtypes: readonly Dtype[]
  readonly task: string
  /** Rows from the start of the task's data. */
  readonly samples: number
  readonly threads: number | undefined
}

/** Where nothing else is known: its answers are sentences, in which tokens can differ. */
export const FALLBACK_TASK = 'xsum-mini'
const SEED = 0

/** What config.json of our own checkpoints says under `slm`. */
const aboutSchema = z.object({untrained: z.boolean(), tasks: z.array(z.string())}).partial()

/**
 * The task that is worth a sample: the first one known here of those that a checkpoint says it was trained on, else a
 * miniature. Undefined for untrained weights, whose answers are noise.
 */
export async function sampleTaskOf(folder: string): Promise<string | undefined> {
  const {model} = await readCheckpointConfig(folder)
  const {untrained, tasks = []} = aboutSchema.safeParse(model?.['slm']).data ?? {}
  if (untrained === true) return undefined
  const known = await taskNames()
  return tasks.find((name) => known.includes(name)) ?? FALLBACK_TASK
}

/** Answers the sample once with the float32 graphs and once with each small form. The run folders are made aside and removed. */
export async function quantizationCosts(
  {folder, out, dtypes, task, samples, threads}: CostRequest,
  options: Pick<EvaluateOptions, 'signal' | 'stopNow' | 'onEvent'>,
): Promise<QuantizationCost[]> {
  const resultsDir = await mkdtemp(join(tmpdir(), 'slm-quantize-'))
  const answers = async (model: string, dtype: Dtype): Promise<Map<string, ScoredRecord>> => {
    const config = evalConfigSchema.parse({
      model,
      tasks: [task],
      limit: samples,
      dtype,
      ...(threads === undefined ? {} : {threads}),
    })
    const run = await evaluate(config, {...options, resultsDir})
    const scored = new Map<string, ScoredRecord>()
    for await (const record of readRecords(run.folder))
      if (record.status === 'scored') scored.set(record.id, record)
    return scored
  }
  try {
    const whole = await answers(folder, 'fp32')
    const costs: QuantizationCost[] = []
    for (const dtype of dtypes) costs.push(costOf(dtype, task, whole, await answers(out, dtype)))
    return costs
  } finally {
    await rm(resultsDir, {recursive: true, force: true})
  }
}

/** Pairs the answers by id. */
export function costOf(
  dtype: Dtype,
  task: string,
  whole: ReadonlyMap<string, ScoredRecord>,
  small: ReadonlyMap<string, ScoredRecord>,
): QuantizationCost {
  const pairs = [...whole].flatMap(([id, ours]) => {
    const theirs = small.get(id)
    return theirs === undefined ? [] : [{ours, theirs}]
  })
  const agreed = pairs.map(({ours, theirs}) => sharedBeginning(ours.newIds, theirs.newIds))
  return {
    dtype,
    task,
    samples: pairs.length,
    rougeL: rougeCost(pairs),
    equalAnswers: pairs.filter(({ours, theirs}) => ours.newIds.join() === theirs.newIds.join()).length,
    tokens: {
      agreed: agreed.reduce((sum, count) => sum + count, 0),
      of: pairs.reduce((sum, {ours}) => sum + ours.newIds.length, 0),
    },
  }
}

function rougeCost(
  pairs: readonly {readonly ours: ScoredRecord; readonly theirs: ScoredRecord}[],
): QuantizationCost['rougeL'] {
  const scored = pairs.flatMap(({ours, theirs}) => {
    const [first, second] = [ours.scores['rougeL'], theirs.scores['rougeL']]
    return first === undefined || second === undefined ? [] : [[first, second] as const]
  })
  if (scored.length === 0) return {missing: 'no sample of the task has a ROUGE-L'}
  const whole = meanOf(scored.map(([value]) => value))
  const small = meanOf(scored.map(([, value]) => value))
  return {
    whole: bootstrapEstimate(whole, {seed: SEED}),
    small: bootstrapEstimate(small, {seed: SEED}),
    difference: pairedBootstrap(small, whole, {seed: SEED}),
  }
}

function meanOf(values: readonly number[]): Measured {
  return {statistics: values.map((value) => [value]), value: (sums, count) => sums[0]! / count}
}

function sharedBeginning(first: readonly number[], second: readonly number[]): number {
  const differs = first.findIndex((id, at) => id !== second[at])
  return differs === -1 ? first.length : differs
}
