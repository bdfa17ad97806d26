import {join} from 'node:path'
import {cacheFolderFromEnvironment} from '../data/cache-folder.ts'
import {dataDigest} from '../data/file-digest.ts'
import {filesIn, staysInside} from '../data/folder-files.ts'
import {pulledPaths, readPulledSplit} from '../data/pulled-set.ts'
import type {DataFiles} from '../data/read-rows.ts'
import {matchFiles, type WantedFile} from '../data/wanted-file.ts'
import {SlmError} from '../errors.ts'
import {carriedDataFolder, carriedFiles} from './carried-data.ts'
import {asDataFiles, namedData} from './named-data.ts'
import {splitOf} from './split-of.ts'
import type {Task} from './task.ts'

export interface DataOptions {
  /** A file, two files or a prefix of text pairs, several files with commas between them, or a folder. */
  readonly data?: string | undefined
  /** The task's own split when absent; names nothing when `data` is a file. */
  readonly split?: string | undefined
  /** `SLM_CACHE` or `~/.cache/slm` when absent. */
  readonly cacheFolder?: string | undefined
}

export interface LocatedData {
  readonly files: DataFiles
  readonly split: string
  /** named on the command line, downloaded before, part of the program, or beside the task's YAML. */
  readonly from: 'named' | 'pulled' | 'shipped' | 'beside-task'
}

/** Folder of the miniatures: the same place beside `src/` and beside `dist/`. */
export function shippedDataFolder(): string {
  return join(carriedDataFolder(), 'miniature')
}

/** Finds the files of a task's split: those that were named, else those that were pulled, else those that come with the task. */
export async function locateData(task: Task, options: DataOptions = {}): Promise<LocatedData> {
  const {source} = task
  const split = options.split ?? source.split
  if (options.data !== undefined)
    return {files: await namedData(task, options.data, split), split, from: 'named'}
  const wanted = splitOf(task, split)
  if (source.kind === 'files') return inFolder(task, task.folder, wanted, split, 'beside-task')
  if (source.kind === 'shipped')
    return inFolder(task, join(shippedDataFolder(), source.set), wanted, split, 'shipped')
  const carried = await carriedSplit(task, split)
  if (carried !== undefined) return {files: asDataFiles(task, carried), split, from: 'shipped'}
  const cacheFolder = options.cacheFolder ?? cacheFolderFromEnvironment()
  const pulled = await readPulledSplit(cacheFolder, source, split)
  if (pulled !== undefined)
    return {
      files: asDataFiles(task, await pulledPaths(cacheFolder, source.set, pulled)),
      split,
      from: 'pulled',
    }
  const named = split === source.split ? '' : ` --split ${split}`
  throw new SlmError('data-missing', `the data of ${task.name} (${split}) are not on this machine`, {
    hint: `Run "slm data pull ${task.name}${named}", or name your copy with --data FILE.`,
  })
}

/** What a manifest calls the digest of the data. */
export async function locatedDigest({files}: LocatedData): Promise<string> {
  return dataDigest(files)
}

/** The files of a public split that come with the program; undefined for a split that is only to be pulled. */
export async function carriedSplit(task: Task, split: string): Promise<readonly string[] | undefined> {
  const {source} = task
  const folder =
    source.kind === 'url' && Object.hasOwn(source.carried, split) ? source.carried[split] : undefined
  return folder === undefined
    ? undefined
    : carriedFiles(join(carriedDataFolder(), folder), splitOf(task, split))
}

async function inFolder(
  task: Task,
  folder: string,
  wanted: readonly WantedFile[],
  split: string,
  from: 'shipped' | 'beside-task',
): Promise<LocatedData> {
  const listed = await filesIn(folder)
  const matched = matchFiles(
    wanted,
    listed.map((path) => ({path})),
  )
  if ('missing' in matched)
    throw new SlmError('data-missing', `${matched.missing} is not in ${folder}`, {
      hint: `The task ${task.name} names it for its split ${split}; put it there or name your copy with --data FILE.`,
    })
  const paths = matched.files.map(({path}) => join(folder, path))
  for (const path of paths) await staysInside(folder, path)
  return {files: asDataFiles(task, paths), split, from}
}
