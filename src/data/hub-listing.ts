import {z} from 'zod'
import {SlmError} from '../errors.ts'
import {type RemoteOptions, request, shown} from './remote-request.ts'
import type {ListedFile} from './wanted-file.ts'

const entry = z.looseObject({
  type: z.string(),
  path: z.string(),
  size: z.number().optional(),
  /** Only of large files; their `oid` is the sha256 of the bytes. */
  lfs: z.looseObject({oid: z.string().regex(/^[0-9a-f]{64}$/), size: z.number()}).optional(),
})

const PAGES = 50

/** What the hub keeps under an id: a data set or a model. */
export type HubKind = 'datasets' | 'models'

/** Files of a repository of the hub at a revision, with their sizes, and digests where the hub knows them. */
export async function hubFiles(
  endpoint: string,
  id: string,
  revision: string,
  options: RemoteOptions,
  kind: HubKind = 'datasets',
): Promise<ListedFile[]> {
  const files: ListedFile[] = []
  let url: string | undefined =
    `${endpoint}/api/${kind}/${id}/tree/${encodeURIComponent(revision)}?recursive=true`
  for (let page = 0; url !== undefined && page < PAGES; page++) {
    const {response} = await request(url, {accept: 'application/json'}, options)
    const entries = z.array(entry).safeParse(await response.json().catch(() => undefined))
    if (!entries.success)
      throw new SlmError('hub-listing', `${shown(url)} does not answer as the hub does`, {
        hint: 'Check the endpoint (--endpoint, HF_ENDPOINT).',
      })
    for (const {type, path, size, lfs} of entries.data)
      if (type === 'file' && isInner(path)) files.push({path, bytes: lfs?.size ?? size, sha256: lfs?.oid})
    url = nextPage(response.headers.get('link'), url)
  }
  return files
}

/** The address of a file. */
export function hubFileUrl(
  endpoint: string,
  id: string,
  revision: string,
  path: string,
  kind: HubKind = 'datasets',
): string {
  const parts = path.split('/').map(encodeURIComponent).join('/')
  return `${endpoint}/${kind === 'datasets' ? 'datasets/' : ''}${id}/resolve/${encodeURIComponent(revision)}/${parts}`
}

/** Paths become paths on this disk, so one that leads elsewhere is left out. */
function isInner(path: string): boolean {
  return (
    !/^([/\\]|[a-z]:)|\\/i.test(path) &&
    !path.includes('\u0000') &&
    !path.split('/').some((part) => part === '' || part === '.' || part === '..')
  )
}

function nextPage(link: string | null, from: string): string | undefined {
  const next = /<([^>]+)>\s*;\s*rel="next"/.exec(link ?? '')?.[1]
  if (next === undefined) return undefined
  const url = new URL(next, from)
  return url.origin === new URL(from).origin ? url.href : undefined
}
