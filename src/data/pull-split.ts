import {stat} from 'node:fs/promises'
import {join} from 'node:path'
import {SlmError} from '../errors.ts'
import {type DownloadOptions, download} from './download.ts'
import {fileDigest} from './file-digest.ts'
import {hubFiles, hubFileUrl} from './hub-listing.ts'
import {type PulledSplit, readPulledSplit, recordPulledSplit, setFolder} from './pulled-set.ts'
import type {RemoteSet} from './remote-set.ts'
import {type ListedFile, matchFiles, patternsOf, type WantedFile} from './wanted-file.ts'
import {withLock} from './with-lock.ts'

export interface PullOptions extends DownloadOptions {
  readonly cacheFolder: string
  /** Another revision than the task's own; digests that the task knows do not apply to it. */
  readonly revision?: string | undefined
  /** Origin of a mirror instead of the set's own. */
  readonly endpoint?: string | undefined
  /** Called before each file. */
  readonly onFile?: (file: ListedFile, state: 'there' | 'downloading') => void
}

interface RemoteFile extends ListedFile {
  readonly url: string
}

export const HUB_ENDPOINT = 'https://huggingface.co'

/** Downloads the files of a split that are not there yet and records them; returns what is there now. */
export async function pullSplit(
  remote: RemoteSet,
  split: string,
  wanted: readonly WantedFile[],
  options: PullOptions,
): Promise<PulledSplit> {
  const revision = options.revision ?? remote.revision
  const known = revision === remote.revision ? wanted : wanted.map(withoutDigest)
  const sources = await listed(remote, revision, known, options)
  return withLock(join(setFolder(options.cacheFolder, remote.set), 'pull.lock'), () =>
    pullFiles(remote, split, revision, sources, options),
  )
}

async function pullFiles(
  remote: RemoteSet,
  split: string,
  revision: string,
  sources: readonly RemoteFile[],
  options: PullOptions,
): Promise<PulledSplit> {
  const before = await readPulledSplit(options.cacheFolder, remote, split)
  const files: PulledSplit['files'] = []
  let commit = before?.revision === revision ? before.commit : undefined
  for (const {url, ...file} of sources) {
    const path = `${split}/${file.path}`
    const there = before?.revision === revision ? before.files.find((one) => one.path === path) : undefined
    if (there !== undefined && (await isSame(there, file, options.cacheFolder, remote.set))) {
      options.onFile?.(file, 'there')
      files.push(there)
      continue
    }
    options.onFile?.(file, 'downloading')
    const target = join(setFolder(options.cacheFolder, remote.set), path)
    const got = await download({url, path: target, bytes: file.bytes, sha256: file.sha256}, options)
    commit = got.commit ?? commit
    files.push({path, bytes: got.bytes, sha256: got.sha256, checked: file.sha256 !== undefined})
  }
  const pulled: PulledSplit = {revision, ...(commit === undefined ? {} : {commit}), files}
  await recordPulledSplit(options.cacheFolder, remote, split, pulled)
  return pulled
}

async function listed(
  remote: RemoteSet,
  revision: string,
  wanted: readonly WantedFile[],
  options: PullOptions,
): Promise<RemoteFile[]> {
  if (remote.kind === 'url') {
    const base = remote.base.replaceAll('{revision}', encodeURIComponent(revision))
    const {pathname, origin} = new URL(base)
    const start = `${options.endpoint ?? origin}${pathname}`
    return named(wanted).map((file) => ({...file, url: start + file.path}))
  }
  const endpoint = options.endpoint ?? HUB_ENDPOINT
  const there = await hubFiles(endpoint, remote.dataset, revision, options).catch((error: unknown) => {
    // A mirror may serve files without listing them; names without a pattern can be asked for all the same.
    if (error instanceof SlmError && error.code === 'download-missing' && wanted.every(isLiteral))
      return named(wanted)
    throw error
  })
  const matched = matchFiles(wanted, there)
  if ('missing' in matched)
    throw new SlmError(
      'download-missing',
      `${remote.dataset} at ${revision} has no file ${matched.missing}`,
      {
        hint: `Name another --revision, or your copy with --data FILE; there are: ${there
          .slice(0, 12)
          .map(({path}) => path)
          .join(', ')}.`,
      },
    )
  return matched.files.map((file) => ({
    ...file,
    url: hubFileUrl(endpoint, remote.dataset, revision, file.path),
  }))
}

/** What a task knows about a file holds for its own revision alone. */
function withoutDigest(wanted: WantedFile): WantedFile {
  return typeof wanted === 'object' && 'path' in wanted ? wanted.path : wanted
}

function isLiteral(wanted: WantedFile): boolean {
  const patterns = patternsOf(wanted)
  return patterns.length === 1 && !patterns[0]!.includes('*')
}

function named(wanted: readonly WantedFile[]): ListedFile[] {
  return wanted.map((one) => (typeof one === 'object' && 'path' in one ? one : {path: patternsOf(one)[0]!}))
}

async function isSame(
  there: PulledSplit['files'][number],
  source: ListedFile,
  cacheFolder: string,
  set: string,
): Promise<boolean> {
  if ((source.sha256 ?? there.sha256) !== there.sha256 || (source.bytes ?? there.bytes) !== there.bytes)
    return false
  const path = join(setFolder(cacheFolder, set), there.path)
  const size = (await stat(path).catch(() => undefined))?.size
  return size === there.bytes && (await fileDigest(path)) === there.sha256
}
