import {readdir, realpath, stat} from 'node:fs/promises'
import {join, relative, sep} from 'node:path'
import {SlmError} from '../errors.ts'

/** Relative paths of the files in a folder, with `/` between the parts, sorted. */
export async function filesIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, {recursive: true, withFileTypes: true}).catch((cause: unknown) => {
    throw new SlmError('data-missing', `the folder ${folder} cannot be read`, {
      hint: 'Check the path.',
      cause,
    })
  })
  return entries
    .filter((entry) => !entry.isDirectory())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)).split(sep).join('/'))
    .sort()
}

/** A link must not lead out of the folder that holds the data. */
export async function staysInside(folder: string, path: string): Promise<void> {
  const [outer, inner] = [await realpath(folder), await realpath(path)]
  if (inner.startsWith(outer + sep) && (await stat(inner)).isFile()) return
  throw new SlmError('data-outside', `${path} leads out of ${folder}`, {
    hint: 'Data files of a task lie in the folder of its YAML or the one given with --data.',
  })
}
