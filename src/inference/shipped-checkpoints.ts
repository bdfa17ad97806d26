import {existsSync} from 'node:fs'
import {readdir} from 'node:fs/promises'
import {join} from 'node:path'
import {fileURLToPath} from 'node:url'

/** The folder of the checkpoints that come with the program. */
export function checkpointsFolder(): string {
  return fileURLToPath(new URL('../../checkpoints/', import.meta.url))
}

/** A checkpoint with this file was trained to judge; it answers nothing else. */
export const TRAINED_JUDGE_FILE = 'judge.json'

/** Names of all of them, sorted. */
export async function shippedNames(folder = checkpointsFolder()): Promise<string[]> {
  const entries = await readdir(folder, {withFileTypes: true}).catch(() => [])
  return entries
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
    .sort()
}

export function isTrainedJudge(folder: string): boolean {
  return existsSync(join(folder, TRAINED_JUDGE_FILE))
}

/** Names of the models among them: what a table compares. */
export async function shippedCheckpoints(folder = checkpointsFolder()): Promise<string[]> {
  return (await shippedNames(folder)).filter((name) => !isTrainedJudge(join(folder, name)))
}

/** Names of the judges among them. */
export async function shippedJudges(folder = checkpointsFolder()): Promise<string[]> {
  return (await shippedNames(folder)).filter((name) => isTrainedJudge(join(folder, name)))
}
