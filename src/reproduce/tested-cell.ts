import {readFile} from 'node:fs/promises'
import {join} from 'node:path'
import {z} from 'zod'
import {findRun} from '../store/read-run.ts'
import type {MetricValue} from '../store/run-summary.ts'
import type {Step} from './step.ts'

/** A cell's evaluation with one seed. */
export interface TestedSeed {
  readonly seed: number
  /** By task, then by metric, as `slm eval` wrote them. */
  readonly tasks: ReadonlyMap<string, Readonly<Record<string, MetricValue>>>
  readonly about: TrainedAbout
}

/** What the training says that it took. */
export interface TrainedAbout {
  readonly parameters: number
  /** Parameters without the embedding, which is also the output head. */
  readonly nonEmbedding: number
  /** Steps of the training, and the one whose weights were kept. */
  readonly steps: number | undefined
  readonly bestStep: number | undefined
  readonly examples: number | undefined
  readonly tokens: number | undefined
  /** Matrix products of the steps, and of the teacher's reading. */
  readonly flops: number | undefined
  readonly teacherFlops: number | undefined
  /** Wall clock of steps, and processor time of steps and evaluations. */
  readonly stepSeconds: number | undefined
  readonly cpuSeconds: number | undefined
}

const count = z.number().nonnegative()
const configSchema = z.object({
  vocab_size: z.int().positive(),
  hidden_size: z.int().positive().optional(),
  d_model: z.int().positive().optional(),
  slm: z.object({
    parameters: z.int().positive(),
    step: count.optional(),
    steps: count.optional(),
    spent: z.object({examples: count, tokens: count, flops: count, teacherFlops: count}).optional(),
  }),
})
const timeSchema = z.object({stepSeconds: count, cpuSeconds: count}).partial()

/** Reads an evaluation and what its checkpoint says of itself; undefined where it is not whole. */
export async function readTestedSeed(
  evaluation: Step,
  checkpoint: string,
  seed: number,
): Promise<TestedSeed | undefined> {
  const run = await findRun(evaluation.training?.folder ?? '')
  if (run?.summary === undefined) return undefined
  return {
    seed,
    tasks: new Map(run.summary.tasks.map(({task, metrics}) => [task, metrics])),
    about: await readAbout(checkpoint),
  }
}

async function readAbout(folder: string): Promise<TrainedAbout> {
  const config = configSchema.parse(JSON.parse(await readFile(join(folder, 'config.json'), 'utf8')))
  const timeText = await readFile(join(folder, 'training', 'time.json'), 'utf8').catch(() => '{}')
  const time = timeSchema.parse(JSON.parse(timeText))
  const {parameters, step, steps, spent} = config.slm
  const width = config.hidden_size ?? config.d_model ?? 0
  return {
    parameters,
    nonEmbedding: parameters - config.vocab_size * width,
    steps,
    bestStep: step,
    examples: spent?.examples,
    tokens: spent?.tokens,
    flops: spent?.flops,
    teacherFlops: spent?.teacherFlops,
    stepSeconds: time.stepSeconds,
    cpuSeconds: time.cpuSeconds,
  }
}
