import {mkdir, open, readFile, rm} from 'node:fs/promises'
import {dirname} from 'node:path'
import {SlmError} from '../errors.ts'

/**
 * Runs an action while no other process on this machine runs one under the same lock file. The file holds the
 * owner's process id; one that a dead process left behind is taken over.
 */
export async function withLock<Result>(path: string, action: () => Promise<Result>): Promise<Result> {
  await mkdir(dirname(path), {recursive: true})
  if (!(await take(path))) {
    const owner = Number(await readFile(path, 'utf8').catch(() => ''))
    if (isAlive(owner))
      throw new SlmError('cache-busy', `process ${owner} is writing to ${dirname(path)}`, {
        hint: `Wait until it has ended; if it is not slm, delete ${path}.`,
      })
    await rm(path, {force: true})
    if (!(await take(path)))
      throw new SlmError('cache-busy', `another process is writing to ${dirname(path)}`)
  }
  try {
    return await action()
  } finally {
    await rm(path, {force: true})
  }
}

async function take(path: string): Promise<boolean> {
  try {
    const handle = await open(path, 'wx')
    await handle.writeFile(String(process.pid))
    await handle.close()
    return true
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false
    throw error
  }
}

function isAlive(id: number): boolean {
  if (!Number.isInteger(id) || id <= 0) return false
  try {
    process.kill(id, 0)
    return true
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}
