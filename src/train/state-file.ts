import {readFile} from 'node:fs/promises'
import {z} from 'zod'
import {SlmError} from '../errors.ts'
import {writeAtomically} from '../store/atomic-file.ts'
import {NOTHING_SPENT, spentSchema} from './spent.ts'

/** Where a training stands; everything else that it goes on with are arrays. */
const progressSchema = z.object({
  /** Digest of the plan, so that the state of another one is refused. */
  plan: z.string(),
  /** Steps done. */
  step: z.int().nonnegative(),
  spent: spentSchema,
  /** Smoothed loss of an answer's token; absent before the first step. */
  smoothedLoss: z.number().optional(),
  /** The best evaluation so far: its step and what it is compared by. */
  best: z.object({step: z.int(), value: z.number()}).optional(),
  /** Evaluations since the best one. */
  evaluationsWithoutGain: z.int().nonnegative(),
  /** Answers that the student drew for steps to come: by step from `firstStep` (counted from 0) and row of the step. */
  drawn: z
    .object({firstStep: z.int().nonnegative(), answers: z.array(z.array(z.array(z.int().nonnegative())))})
    .optional(),
  /** True when training ended before its last step because nothing became better. */
  isEnded: z.boolean(),
})
export type TrainingProgress = z.output<typeof progressSchema>

/** Before the first step. */
export function firstProgress(plan: string): TrainingProgress {
  return {plan, step: 0, spent: NOTHING_SPENT, evaluationsWithoutGain: 0, isEnded: false}
}

const headerSchema = z.looseObject({__metadata__: z.object({training: z.string()})})
const entrySchema = z.object({data_offsets: z.tuple([z.int(), z.int()])})

/** Writes arrays and progress as one .safetensors file, whole or not at all. */
export async function writeState(
  file: string,
  progress: TrainingProgress,
  arrays: ReadonlyMap<string, Float32Array>,
): Promise<void> {
  const header: Record<string, unknown> = {
    __metadata__: {
      // In the schema's order of keys, as a progress that was read again has it.
      training: JSON.stringify(progressSchema.parse(progress)),
    },
  }
  let end = 0
  for (const [name, {length, byteLength}] of arrays) {
    header[name] = {dtype: 'F32', shape: [length], data_offsets: [end, end + byteLength]}
    end += byteLength
  }
  // The elements begin at a multiple of 8, as the format advises; spaces fill the header up.
  const text = JSON.stringify(header)
  const bytes = Buffer.from(text.padEnd(text.length + ((8 - (Buffer.byteLength(text) % 8)) % 8)))
  const size = Buffer.alloc(8)
  size.writeBigUInt64LE(BigInt(bytes.length))
  const parts = [...arrays.values()].map(({buffer, byteOffset, byteLength}) =>
    Buffer.from(buffer, byteOffset, byteLength),
  )
  await writeAtomically(file, Buffer.concat([size, bytes, ...parts]))
}

/**
 * Fills the arrays from the file; undefined where there is none.
 * Errors: `train-plan-changed`, `train-state-broken`; nothing is filled when the plan is another one.
 */
export async function readState(
  file: string,
  plan: string,
  arrays: ReadonlyMap<string, Float32Array>,
): Promise<TrainingProgress | undefined> {
  const bytes = await readFile(file).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined
    throw error
  })
  if (bytes === undefined) return undefined
  try {
    const headerBytes = Number(bytes.readBigUInt64LE(0))
    const header = headerSchema.parse(JSON.parse(bytes.toString('utf8', 8, 8 + headerBytes)))
    const progress = progressSchema.parse(JSON.parse(header.__metadata__.training))
    if (progress.plan !== plan) throw changed(file)
    for (const [name, values] of arrays) {
      const [begin, end] = entrySchema.parse(header[name]).data_offsets
      const part = bytes.subarray(8 + headerBytes + begin, 8 + headerBytes + end)
      if (part.length !== values.byteLength) throw new RangeError(`${name} has ${part.length} bytes`)
      Buffer.from(values.buffer, values.byteOffset, values.byteLength).set(part)
    }
    return progress
  } catch (cause) {
    if (cause instanceof SlmError) throw cause
    throw new SlmError('train-state-broken', `${file} is not the state of this training`, {
      hint: 'Remove the folder to begin anew, or give another --out.',
      cause,
    })
  }
}

function changed(file: string): SlmError {
  return new SlmError(
    'train-plan-changed',
    `${file} is of a training with another configuration or other data`,
    {
      hint: 'Give another --out, or the configuration with which it was begun.',
    },
  )
}
