import {stat} from 'node:fs/promises'
import {basename, join} from 'node:path'
import {filesIn, staysInside} from '../data/folder-files.ts'
import type {DataFiles} from '../data/read-rows.ts'
import {matchFiles, patternsOf, type WantedFile} from '../data/wanted-file.ts'
import {SlmError} from '../errors.ts'
import {splitOf} from './split-of.ts'
import type {Task} from './task.ts'

/** The data that somebody named: a folder with the split's files, one file or more with commas between them, or the prefix of text pairs. */
export async function namedData(task: Task, named: string, split: string): Promise<DataFiles> {
  const kind = await kindOf(named)
  if (kind === 'folder') return inNamedFolder(task, named, splitOf(task, split))
  if (kind === 'file') return partnerOf(task, named)
  const endings = Object.values(task.source.pairs ?? {})
  if (endings.length > 0 && (await areFiles(endings.map((ending) => named + ending))))
    return asDataFiles(
      task,
      endings.map((ending) => named + ending),
    )
  const paths = named.split(',').map((path) => path.trim())
  for (const path of paths)
    if ((await kindOf(path)) !== 'file')
      throw new SlmError('data-missing', `the data file ${path} does not exist`, {
        hint:
          endings.length > 0
            ? `Name two files "a${endings[0]},b${endings[1]}", or what their names begin with.`
            : 'Check the path.',
      })
  return asDataFiles(task, paths)
}

/** Two files of a task of text pairs belong together: by their endings, else in the order of the task's columns. */
export function asDataFiles(task: Pick<Task, 'source'>, paths: readonly string[]): DataFiles {
  const pairs = Object.entries(task.source.pairs ?? {})
  const [first, second] = paths
  if (
    pairs.length !== 2 ||
    first === undefined ||
    second === undefined ||
    paths.length !== 2 ||
    paths.some(isTable)
  )
    return {kind: 'rows', paths}
  const byEnding = pairs.map(([, ending]) => paths.find((path) => path.endsWith(ending)))
  const [one, two] = byEnding.includes(undefined) || byEnding[0] === byEnding[1] ? paths : byEnding
  const [oneColumn, twoColumn] = pairs.map(([column]) => column)
  return {
    kind: 'pairs',
    files: [
      {path: one ?? first, column: oneColumn!},
      {path: two ?? second, column: twoColumn!},
    ],
  }
}

/** One file of a pair names the other: `test.java` goes with `test.cs`. */
async function partnerOf(task: Task, path: string): Promise<DataFiles> {
  const pairs = Object.values(task.source.pairs ?? {})
  const ending = pairs.find((one) => path.endsWith(one))
  if (ending === undefined || isTable(path)) return {kind: 'rows', paths: [path]}
  const both = pairs.map((one) => path.slice(0, path.length - ending.length) + one)
  if (await areFiles(both)) return asDataFiles(task, both)
  throw new SlmError(
    'data-missing',
    `${basename(path)} is one half of a pair, and ${both.find((one) => one !== path)} is not there`,
    {
      hint: `Name both files: --data ${path},OTHER.`,
    },
  )
}

async function inNamedFolder(task: Task, folder: string, wanted: readonly WantedFile[]): Promise<DataFiles> {
  const listed = (await filesIn(folder)).map((path) => ({path}))
  const matched = matchFiles(wanted, listed)
  const loose = 'missing' in matched ? matchFiles(wanted.map(withoutFolders), listed) : matched
  if ('missing' in loose)
    throw new SlmError('data-missing', `${folder} holds no ${loose.missing}`, {
      hint: `Name the file itself with --data, or another split with --split.`,
    })
  const paths = loose.files.map(({path}) => join(folder, path))
  for (const path of paths) await staysInside(folder, path)
  return asDataFiles(task, paths)
}

/** The hub's outer folders need not be kept in a copy, as long as something tells the splits apart. */
function withoutFolders(wanted: WantedFile): WantedFile {
  const ends = patternsOf(wanted).flatMap((pattern) => {
    const parts = pattern.split('/')
    return parts.map((_, from) => parts.slice(from).join('/')).filter((end) => !end.startsWith('*.'))
  })
  return {firstOf: ends.flatMap((end) => [end, `*/${end}`])}
}

function isTable(path: string): boolean {
  return /\.(parquet|jsonl|ndjson|json|csv|tsv)$/i.test(path)
}

async function areFiles(paths: readonly string[]): Promise<boolean> {
  for (const path of paths) if ((await kindOf(path)) !== 'file') return false
  return true
}

async function kindOf(path: string): Promise<'file' | 'folder' | 'nothing'> {
  const found = await stat(path).catch(() => undefined)
  if (found === undefined) return 'nothing'
  return found.isDirectory() ? 'folder' : 'file'
}
