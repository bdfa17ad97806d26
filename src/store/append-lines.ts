import type {FileHandle} from 'node:fs/promises'
import {SlmError} from '../errors.ts'

/**
 * Appends lines, their newlines included, with one write and one fsync: after a crash all, some or none of them are there, and
 * only the last can be cut. `file` names it in the error, `run-write`.
 */
export async function appendLines(handle: FileHandle, file: string, lines: readonly string[]): Promise<void> {
  try {
    await handle.writeFile(lines.join(''))
    await handle.sync()
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code // undefined for what is no system error
    if (code === undefined) throw cause
    throw new SlmError('run-write', `${file} cannot be written (${code})`, {
      hint: 'Make room or mend the disk, then repeat the command: what was written before is kept.',
      cause,
    })
  }
}

/** Cuts off what lies behind the first `bytes`, such as a last line that was only half written. */
export async function keepBytes(handle: FileHandle, bytes: number): Promise<void> {
  if ((await handle.stat()).size === bytes) return
  await handle.truncate(bytes)
  await handle.sync()
}
