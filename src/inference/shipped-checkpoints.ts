import {access, readdir} from 'node:fs/promises'
import {join} from 'node:path'
import {fileURLToPath} from 'node:url'

/** The folder of the checkpoints that come with the program. */
export function checkpointsFolder(): string {
  return fileURLToPath(new URL('../../checkpoints/', import.meta.url))
}

/** A checkpoint with this file was trained to judge; it answers nothing else. */
export const TRAINED_JUDGE_FILE = 'judge.json'

/** Names of the models among them, sorted: what a table compares. */
export async function shippedCheckpoints(folder = checkpointsFolder()): Promise<string[]> {
  return (await shippedFolders(folder)).flatMap(({name, isJudge}) => (isJudge ? [] : [name]))
}

/** Names of the judges among them, sorted. */
export async function shippedJudges(folder = checkpointsFolder()): Promise<string[]> {
  return (await shippedFolders(folder)).flatMap(({name, isJudge}) => (isJudge ? [name] : []))
}

async function shippedFolders(folder: string): Promise<{readonly name: string; readonly isJudge: boolean}[]> {
  const entries = await readdir(folder, {withFileTypes: true}).catch(() => [])
  const names = entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name)
  return Promise.all(
    names.sort().map(async (name) => {
      const file = join(folder, name, TRAINED_JUDGE_FILE)
      return {name, isJudge: await access(file).then(isThere, isNotThere)}
    }),
  )
}

const isThere = (): boolean => true
const isNotThere = (): boolean => false
