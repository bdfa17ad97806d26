import {readdir} from 'node:fs/promises'
import {fileURLToPath} from 'node:url'

/** The folder of the checkpoints that come with the program. */
export function checkpointsFolder(): string {
  return fileURLToPath(new URL('../../checkpoints/', import.meta.url))
}

/** Their names, sorted. */
export async function shippedCheckpoints(folder = checkpointsFolder()): Promise<string[]> {
  const entries = await readdir(folder, {withFileTypes: true}).catch(() => [])
  return entries
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
    .sort()
}
