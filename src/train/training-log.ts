import {appendFileSync, existsSync, readFileSync} from 'node:fs'
import {z} from 'zod'
import {writeAtomically} from '../store/atomic-file.ts'

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
    /** Tokens of prompts and answers since the beginning. */
    tokens: z.int(),
    /** The only part that differs between two runs. */
    timing: z.object({tokensPerSecond: z.number(), gflops: z.number(), optimizerShare: z.number()}),
  }),
  z.object({
    kind: z.literal('evaluation'),
    step: z.int(),
    loss: z.number(),
    /** Share of answers that are right to the last token. */
    exact: z.number(),
    count: z.int(),
    isBest: z.boolean(),
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
      appendFileSync(file, `${JSON.stringify(line)}\n`)
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
