import {readFile} from 'node:fs/promises'
import type {z} from 'zod'
import {SlmError} from '../errors.ts'
import {refusePointer} from './refuse-pointer.ts'

/** Reads and checks one of a checkpoint's JSON files; undefined when it is not there. Errors: `model-config-broken`. */
export async function readJsonFile<T>(file: string, schema: z.ZodType<T>): Promise<T | undefined> {
  let text: string
  try {
    text = await readFile(file, 'utf8')
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw new SlmError('model-config-broken', `${file} cannot be read`, {cause: error})
  }
  refusePointer(file, Buffer.from(text))
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (cause) {
    throw new SlmError('model-config-broken', `${file} is not JSON`, {
      hint: 'The file may be cut off, or a Git LFS pointer.',
      cause,
    })
  }
  const checked = schema.safeParse(value)
  if (checked.success) return checked.data
  const issue = checked.error.issues[0]
  throw new SlmError(
    'model-config-broken',
    `${file}: ${issue?.path.join('.') || 'the file'}: ${issue?.message ?? 'not what it should be'}`,
  )
}
