import {appendFileSync, existsSync, readFileSync} from 'node:fs'
import {z} from 'zod'
import {writeAtomically} from '../store/atomic-file.ts'
import {spentSchema} from './spent.ts'

const evaluationSchema = z.object({
  /** Mean cross-entropy of an answer's token (nats). */
  loss: z.number(),
  /** Share of answers that are right to the last token. */
  exact: z.number(),
  count: z.int(),
})

const lineSchema = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('step'),
    /** Steps done, this one included. */
    step: z.int(),
    /** What was minimised. */
    loss: z.number(),
    /** Mean cross-entropy of an answer's token (nats), in this step and smoothed over the last fifty or so. */
    targetLoss: z.number(),
    smoothedLoss: z.number(),
    /** Length of the gradient before clipping. */
    gradientLength: z.number(),
    /** What the learning rates were multiplied by. */
    rateFactor: z.number(),
    /** KL(teacher || student) by token of what the teacher judged; with a teacher only. */
    teacherLoss: z.number().optional(),
    /** All since the beginning. */
    ...spentSchema.shape,
    /** The only part that differs between two runs. */
    timing: z.object({
      tokensPerSecond: z.number(),
      gflops: z.number(),
      optimizerShare: z.number(),
      /** Wall clock and processor time of all steps so far. */
      stepSeconds: z.number(),
      cpuSeconds: z.number(),
    }),
  }),
  z.object({
    kind: z.literal('evaluation'),
    step: z.int(),
    ...evaluationSchema.shape,
    isBest: z.boolean(),
    /** By task. Outside stand the means of the tasks, each weighing the same, and the sum of their counts. */
    tasks: z.record(z.string(), evaluationSchema),
  }),
  z.object({
    kind: z.literal('ended'),
    step: z.int(),
    why: z.literal('patience'),
    /** Evaluations in a row without a better one. */
    evaluationsWithoutGain: z.int(),
    bestStep: z.int(),
  }),
])
export type TrainingLogLine = z.output<typeof lineSchema>

/** A JSON Lines file that keeps what was trained; lines behind the step at which training goes on are taken back. */
export interface TrainingLog {
  readonly lines: readonly TrainingLogLine[]
  append(line: TrainingLogLine): void
}

/** Opens the log for going on after `step` steps. A last line that was cut off is dropped with those that follow the step. */
export async function openTrainingLog(file: string, step: number): Promise<TrainingLog> {
  const lines = existsSync(file) ? linesUpTo(readFileSync(file, 'utf8'), step) : []
  await writeAtomically(file, lines.map((line) => `${JSON.stringify(line)}\n`).join(''))
  return {
    lines,
    append: (line) => {
      lines.push(line)
      // In the schema's order of keys, as lines that were read again have it.
      appendFileSync(file, `${JSON.stringify(lineSchema.parse(line))}\n`)
    },
  }
}

function linesUpTo(text: string, step: number): TrainingLogLine[] {
  const kept: TrainingLogLine[] = []
  for (const line of text.split('\n')) {
    const parsed = lineSchema.safeParse(asJson(line))
    if (parsed.success && parsed.data.step <= step) kept.push(parsed.data)
  }
  return kept
}

function asJson(line: string): unknown {
  try {
    return JSON.parse(line)
  } catch {
    return undefined
  }
}
