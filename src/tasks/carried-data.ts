import {join} from 'node:path'
import {fileURLToPath} from 'node:url'
import {fileDigest} from '../data/file-digest.ts'
import {filesIn} from '../data/folder-files.ts'
import type {WantedFile} from '../data/wanted-file.ts'

/** Folder of the data that come with the program: the same place beside `src/` and beside `dist/`. */
export function carriedDataFolder(): string {
  return fileURLToPath(new URL('../../data', import.meta.url))
}

/**
 * Public files that the program carries with it: their paths when all of them are there with the digests that the task
 * names, else undefined. A checkout that changed line ends, say, is no copy of the public files.
 */
export async function carriedFiles(
  folder: string,
  wanted: readonly WantedFile[],
): Promise<readonly string[] | undefined> {
  const listed = await filesIn(folder).catch((): string[] => [])
  const paths: string[] = []
  for (const file of wanted) {
    if (typeof file === 'string' || !('path' in file) || file.sha256 === undefined) return undefined
    const path = join(folder, file.path)
    if (!listed.includes(file.path) || (await fileDigest(path)) !== file.sha256) return undefined
    paths.push(path)
  }
  return paths
}
