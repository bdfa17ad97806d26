import {mkdir, readFile, rename, writeFile} from 'node:fs/promises'
import {join} from 'node:path'
import {z} from 'zod'
import {download} from '../data/download.ts'
import {hubFiles, hubFileUrl} from '../data/hub-listing.ts'
import type {RemoteOptions} from '../data/remote-request.ts'
import type {ListedFile} from '../data/wanted-file.ts'
import {readCheckpointConfig} from '../engine/checkpoint-config.ts'
import type {Dtype} from '../engine/language-model.ts'
import {checkpointFilesOf} from './hub-checkpoint-files.ts'

/** Downloads a hub id and returns its folder. */
export type PullModel = (reference: string) => Promise<string>

export interface PullCheckpointOptions extends RemoteOptions {
  readonly cacheFolder: string
  /** Origin of the hub or of a mirror. */
  readonly endpoint: string
  readonly dtype: Dtype | undefined
  readonly onFile: (path: string, bytes: number | undefined) => void
}

/** What the cache says of a pulled checkpoint: which files are whole. */
const pulledSchema = z.strictObject({
  version: z.literal(1),
  id: z.string(),
  revision: z.string(),
  commit: z.string().optional(),
  files: z.record(z.string(), z.strictObject({bytes: z.int().nonnegative(), sha256: z.string()})),
  /** Dtypes of which all files are here; `default` stands for none named. */
  dtypes: z.array(z.string()),
})
type Pulled = z.output<typeof pulledSchema>

const MANIFEST = '.slm-pulled.json'

/**
 * Downloads a checkpoint of the hub, `owner/name[@revision]`, into the cache and returns its folder: the configuration
 * files and the graphs of one dtype. Resumable, checked by digest; what is there is not asked for again.
 */
export async function pullCheckpoint(reference: string, options: PullCheckpointOptions): Promise<string> {
  const [id = '', revision = 'main'] = reference.split('@')
  const folder = join(options.cacheFolder, 'models', ...id.split('/'), encodeURIComponent(revision))
  const wanted = options.dtype ?? 'default'
  const before = await readPulled(folder)
  if (before?.dtypes.includes(wanted)) return folder
  const listed = await hubFiles(options.endpoint, id, revision, options, 'models')
  const config = listed.find(({path}) => path === 'config.json')
  if (config !== undefined) await downloadFile(folder, id, revision, config, options)
  const files = checkpointFilesOf(
    reference,
    listed,
    options.dtype,
    (await readCheckpointConfig(folder)).model,
  )
  let pulled: Pulled = before ?? {version: 1, id, revision, files: {}, dtypes: []}
  for (const file of files) {
    if (pulled.files[file.path] !== undefined) continue
    options.onFile(file.path, file.bytes)
    const {bytes, sha256, commit} = await downloadFile(folder, id, revision, file, options)
    pulled = {
      ...pulled,
      ...(commit === undefined ? {} : {commit}),
      files: {...pulled.files, [file.path]: {bytes, sha256}},
    }
    await writePulled(folder, pulled)
  }
  await writePulled(folder, {...pulled, dtypes: [...pulled.dtypes, wanted].sort()})
  return folder
}

function downloadFile(
  folder: string,
  id: string,
  revision: string,
  file: ListedFile,
  options: PullCheckpointOptions,
): ReturnType<typeof download> {
  const url = hubFileUrl(options.endpoint, id, revision, file.path, 'models')
  return download({url, path: join(folder, file.path), bytes: file.bytes, sha256: file.sha256}, options)
}

async function readPulled(folder: string): Promise<Pulled | undefined> {
  const text = await readFile(join(folder, MANIFEST), 'utf8').catch(() => undefined)
  if (text === undefined) return undefined
  try {
    return pulledSchema.parse(JSON.parse(text))
  } catch {
    // Half-written or of another version: the files are checked and listed anew.
    return undefined
  }
}

async function writePulled(folder: string, pulled: Pulled): Promise<void> {
  await mkdir(folder, {recursive: true})
  await writeFile(join(folder, `${MANIFEST}.new`), `${JSON.stringify(pulled, null, 2)}\n`)
  await rename(join(folder, `${MANIFEST}.new`), join(folder, MANIFEST))
}
