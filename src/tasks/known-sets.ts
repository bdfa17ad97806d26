import {stat} from 'node:fs/promises'
import {join} from 'node:path'
import {fileDigest} from '../data/file-digest.ts'
import {readPulledSplit, setFolder} from '../data/pulled-set.ts'
import {originOf, type RemoteSet} from '../data/remote-set.ts'
import {loadTask, taskNames} from './load-task.ts'
import {carriedSplit, locateData} from './locate-data.ts'
import type {Task} from './task.ts'

export interface KnownFile {
  readonly path: string
  readonly bytes: number
  readonly sha256: string
}

/** Where a split's files are: part of the program, downloaded, or not on this machine. */
export type SplitState =
  | {readonly kind: 'shipped'; readonly files: readonly KnownFile[]}
  | {
      readonly kind: 'pulled'
      readonly revision: string
      readonly commit?: string
      readonly files: readonly KnownFile[]
    }
  | {readonly kind: 'missing'; readonly command: string}

/** One data set; several tasks may read it. */
export interface KnownSet {
  readonly set: string
  readonly tasks: readonly string[]
  readonly origin: string
  readonly licence: string
  readonly splits: readonly {readonly split: string; readonly state: SplitState}[]
}

/** The data sets of all shipped tasks, each once, in the order of its first task. */
export async function knownSets(cacheFolder: string): Promise<KnownSet[]> {
  const sets = new Map<string, KnownSet>()
  for (const name of await taskNames()) {
    const task = await loadTask(name)
    const {source} = task
    if (source.kind === 'files') continue
    const known = sets.get(source.set)
    sets.set(
      source.set,
      known === undefined
        ? await describe(task, source, cacheFolder)
        : {...known, tasks: [...known.tasks, name]},
    )
  }
  return [...sets.values()]
}

type NamedSource = Exclude<Task['source'], {kind: 'files'}>

async function describe(task: Task, source: NamedSource, cacheFolder: string): Promise<KnownSet> {
  const splits: KnownSet['splits'][number][] = []
  for (const split of Object.keys(source.splits))
    splits.push({
      split,
      state:
        source.kind === 'shipped' || (await carriedSplit(task, split)) !== undefined
          ? await shipped(task, split)
          : await pulled(task, source, split, cacheFolder),
    })
  const origin = source.kind === 'shipped' ? task.origin : `${originOf(source)} at ${source.revision}`
  return {set: source.set, tasks: [task.name], origin, licence: task.licence, splits}
}

async function shipped(task: Task, split: string): Promise<SplitState> {
  const {files} = await locateData(task, {split})
  const paths = files.kind === 'pairs' ? files.files.map(({path}) => path) : files.paths
  const known = paths.map(async (path) => ({
    path,
    bytes: (await stat(path)).size,
    sha256: await fileDigest(path),
  }))
  return {kind: 'shipped', files: await Promise.all(known)}
}

async function pulled(
  task: Task,
  source: RemoteSet,
  split: string,
  cacheFolder: string,
): Promise<SplitState> {
  const found = await readPulledSplit(cacheFolder, source, split)
  const named = split === task.source.split ? '' : ` --split ${split}`
  if (found === undefined) return {kind: 'missing', command: `slm data pull ${task.name}${named}`}
  const {revision, commit} = found
  const files = found.files.map(({path, bytes, sha256}) => ({
    path: join(setFolder(cacheFolder, source.set), path),
    bytes,
    sha256,
  }))
  return {kind: 'pulled', revision, ...(commit === undefined ? {} : {commit}), files}
}
