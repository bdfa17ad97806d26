import {mkdir, readFile} from 'node:fs/promises'
import {join} from 'node:path'
import {z} from 'zod'
import {SlmError} from '../errors.ts'
import {writeAtomically} from '../store/atomic-file.ts'
import type {Step} from './step.ts'

/** What is kept of a step between two starts of the command. */
const stepRecordSchema = z.object({
  id: z.string(),
  settings: z.string(),
  state: z.enum(['done', 'stopped']),
  /** Seconds that its command ran, over all starts. */
  seconds: z.number().nonnegative(),
})
export type StepRecord = z.output<typeof stepRecordSchema>

/** The record of a step; undefined before its first start. Errors: `reproduce-broken`. */
export async function readStepRecord(folder: string, id: string): Promise<StepRecord | undefined> {
  const file = recordFile(folder, id)
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined
    throw error
  })
  if (text === undefined) return undefined
  try {
    return stepRecordSchema.parse(JSON.parse(text))
  } catch (cause) {
    throw new SlmError('reproduce-broken', `${file} is not the record of a step`, {
      hint: 'Remove the file; the step is then done again.',
      cause,
    })
  }
}

export async function writeStepRecord(folder: string, record: StepRecord): Promise<void> {
  await mkdir(folder, {recursive: true})
  await writeAtomically(recordFile(folder, record.id), `${JSON.stringify(record)}\n`)
}

/** A name for a step's own files: its id without slashes. */
export function fileNameOf({id}: Pick<Step, 'id'>): string {
  return id.replaceAll('/', '.')
}

function recordFile(folder: string, id: string): string {
  return join(folder, `${fileNameOf({id})}.json`)
}
