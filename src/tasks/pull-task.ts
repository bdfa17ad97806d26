import {join} from 'node:path'
import {HUB_ENDPOINT, type PullOptions, pullSplit} from '../data/pull-split.ts'
import {setFolder} from '../data/pulled-set.ts'
import {SlmError} from '../errors.ts'
import {loadTask} from './load-task.ts'
import {carriedSplit} from './locate-data.ts'
import {splitOf} from './split-of.ts'

export interface PullRequest extends Omit<PullOptions, 'token' | 'endpoint'> {
  readonly task: string
  readonly split?: string | undefined
  /** Named for this pull: takes the place of any set's server. */
  readonly endpoint?: string | undefined
  /** HF_ENDPOINT: takes the hub's place alone. */
  readonly hubEndpoint?: string | undefined
  /** HF_TOKEN. */
  readonly hubToken?: string | undefined
}

export interface PulledData {
  readonly kind: 'pulled' | 'shipped'
  readonly task: string
  readonly split: string
  readonly licence: string
  readonly revision?: string
  readonly commit?: string
  readonly files: readonly {
    readonly path: string
    readonly bytes: number
    readonly sha256: string
    readonly checked: boolean
  }[]
}

/** Downloads the split of a task that is evaluated, or the one that was named. */
export async function pullTask(request: PullRequest): Promise<PulledData> {
  const task = await loadTask(request.task)
  const {source, name, licence} = task
  const split = request.split ?? source.split
  const wanted = splitOf(task, split)
  const isCarried = request.revision === undefined && (await carriedSplit(task, split)) !== undefined
  if (source.kind === 'shipped' || isCarried) return {kind: 'shipped', task: name, split, licence, files: []}
  if (source.kind === 'files')
    throw new SlmError('data-local', `the data of ${name} lie beside its YAML: there is nothing to download`)
  const isHub = source.kind === 'hub'
  const endpoint = address(request.endpoint ?? (isHub ? request.hubEndpoint : undefined))
  const token =
    isHub && request.hubToken !== undefined && request.hubToken !== ''
      ? {value: request.hubToken, origin: new URL(endpoint ?? HUB_ENDPOINT).origin}
      : undefined
  const pulled = await pullSplit(source, split, wanted, {...request, endpoint, token})
  const folder = setFolder(request.cacheFolder, source.set)
  const files = pulled.files.map((file) => ({...file, path: join(folder, file.path)}))
  const {revision, commit} = pulled
  return {
    kind: 'pulled',
    task: name,
    split,
    licence,
    revision,
    ...(commit === undefined ? {} : {commit}),
    files,
  }
}

/** A server's address without a slash at its end. */
function address(endpoint: string | undefined): string | undefined {
  if (endpoint === undefined || endpoint === '') return undefined
  const isAddress = URL.canParse(endpoint) && /^https?:$/.test(new URL(endpoint).protocol)
  if (isAddress) return endpoint.replace(/\/$/, '')
  throw new SlmError('endpoint', `"${endpoint}" is not the address of a server`, {
    hint: 'Write it with http:// or https://.',
  })
}
