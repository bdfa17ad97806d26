import {mkdir, readFile, rename, stat, writeFile} from 'node:fs/promises'
import {dirname, join} from 'node:path'
import {z} from 'zod'
import {SlmError} from '../errors.ts'
import {originOf, type RemoteSet} from './remote-set.ts'

const file = z.strictObject({
  /** Inside the set's folder. */
  path: z.string(),
  bytes: z.int().nonnegative(),
  sha256: z.string(),
  /** Whether the source named the digest beforehand, so that the download was checked against it. */
  checked: z.boolean(),
})

const split = z.strictObject({
  /** As it was asked for: a branch, a tag or a commit. */
  revision: z.string(),
  /** The commit that the revision stood for, where the source says so. */
  commit: z.string().optional(),
  files: z.array(file).min(1),
})

const manifest = z.strictObject({
  version: z.literal(1),
  origin: z.string(),
  splits: z.record(z.string(), split),
})

export type PulledSplit = z.output<typeof split>
export type PulledSet = z.output<typeof manifest>

/** The folder of a set in the cache. */
export function setFolder(cacheFolder: string, set: string): string {
  return join(cacheFolder, 'data', set)
}

/** What was pulled of a set; undefined when nothing was. */
export async function readPulledSet(cacheFolder: string, set: string): Promise<PulledSet | undefined> {
  const path = manifestPath(cacheFolder, set)
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw error
  }
  const parsed = manifest.safeParse(fromJson(text))
  if (parsed.success) return parsed.data
  throw new SlmError('cache-broken', `${path} is not a manifest of pulled data`, {
    hint: `Delete the folder ${dirname(path)} and pull the data again.`,
  })
}

/** What was pulled of a split; undefined when nothing was, or when it came from elsewhere. */
export async function readPulledSplit(
  cacheFolder: string,
  remote: RemoteSet,
  name: string,
): Promise<PulledSplit | undefined> {
  const pulled = await readPulledSet(cacheFolder, remote.set)
  return pulled?.origin === originOf(remote) ? pulled.splits[name] : undefined
}

/** Records a split beside the others of its set; the file is replaced in one step. */
export async function recordPulledSplit(
  cacheFolder: string,
  remote: RemoteSet,
  name: string,
  pulled: PulledSplit,
): Promise<void> {
  const origin = originOf(remote)
  const before = await readPulledSet(cacheFolder, remote.set)
  const splits = before?.origin === origin ? before.splits : {}
  const path = manifestPath(cacheFolder, remote.set)
  await mkdir(dirname(path), {recursive: true})
  const next: PulledSet = {version: 1, origin, splits: {...splits, [name]: pulled}}
  await writeFile(`${path}.${process.pid}`, `${JSON.stringify(next, null, 2)}\n`)
  await rename(`${path}.${process.pid}`, path)
}

/** Paths of a pulled split's files; a file that is gone or has another length is an error. */
export async function pulledPaths(cacheFolder: string, set: string, pulled: PulledSplit): Promise<string[]> {
  const paths = pulled.files.map(({path}) => join(setFolder(cacheFolder, set), path))
  for (const [place, path] of paths.entries()) {
    const bytes = (await stat(path).catch(() => undefined))?.size
    const expected = pulled.files[place]!.bytes
    if (bytes !== expected)
      throw new SlmError(
        'cache-broken',
        `${path} ${bytes === undefined ? 'is gone' : `has ${bytes} bytes, not ${expected}`} since it was pulled`,
        {hint: 'Pull the data again.'},
      )
  }
  return paths
}

function manifestPath(cacheFolder: string, set: string): string {
  return join(setFolder(cacheFolder, set), 'manifest.json')
}

function fromJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
