import {createHash} from 'node:crypto'
import {createReadStream} from 'node:fs'
import {mkdir, open, readFile, rename, rm, stat, writeFile} from 'node:fs/promises'
import {basename, dirname} from 'node:path'
import {SlmError} from '../errors.ts'
import {pause, type RemoteOptions, type RemoteResponse, request, unreachable} from './remote-request.ts'

export interface Download {
  readonly url: string
  /** Where the file will lie; until it is whole and checked, its bytes lie beside it in `<path>.part`. */
  readonly path: string
  /** As the source announces them; undefined where it does not. */
  readonly bytes?: number | undefined
  readonly sha256?: string | undefined
}

export interface DownloadOptions extends RemoteOptions {
  /** Called as bytes arrive. `total` is undefined while the source has not said how many there are. */
  readonly onBytes?: (done: number, total: number | undefined) => void
  /** A connection that sends nothing for so long is taken for broken. */
  readonly idleMs?: number
}

export interface Downloaded {
  readonly bytes: number
  readonly sha256: string
  readonly commit: string | undefined
}

const TRIES = 5
const IDLE_MS = 60_000
/** Ranges and lengths are those of the file only when it is not compressed on the way. */
const IDENTITY = {'accept-encoding': 'identity'}

/**
 * Downloads one file. A cut connection goes on where it stopped, also in a later run: the part file is continued by
 * a range request, conditional on the ETag it was begun with. The file appears under its name only when its digest
 * is right.
 */
export async function download(file: Download, options: DownloadOptions = {}): Promise<Downloaded> {
  const part = `${file.path}.part`
  await mkdir(dirname(file.path), {recursive: true})
  let commit: string | undefined
  let before = -1
  for (let attempt = 1; ; attempt++) {
    const begun = await partBytes(file, part)
    // A connection that breaks off now and then but brings something each time is not given up.
    if (begun > before) attempt = 1
    before = begun
    if (file.bytes !== undefined && begun === file.bytes) break
    const headers = {
      ...IDENTITY,
      ...(begun > 0 ? {range: `bytes=${begun}-`, ...(await condition(part))} : {}),
    }
    const answer = await request(file.url, headers, options)
    commit ??= answer.commit
    try {
      if (await receive(file, part, begun, answer, options)) break
    } catch (error) {
      if (error instanceof SlmError || options.signal?.aborted) throw error
      if (attempt === TRIES) throw unreachable(file.url, error)
    }
    if (attempt >= TRIES) throw unreachable(file.url, new Error('the connection broke off again and again'))
    await pause(attempt, options, null)
  }
  return {...(await finish(file, part)), commit}
}

/** Bytes that an earlier try left; what cannot be part of the file is thrown away. */
async function partBytes(file: Download, part: string): Promise<number> {
  const size = (await stat(part).catch(() => undefined))?.size ?? 0
  const isTrusted = file.sha256 !== undefined || Object.keys(await condition(part)).length > 0
  if (size > 0 && isTrusted && size <= (file.bytes ?? Number.POSITIVE_INFINITY)) return size
  if (size > 0) await discard(part)
  return 0
}

/** The ETag that the part was begun with: without it a changed file would be glued to the old one. */
async function condition(part: string): Promise<{'if-range'?: string}> {
  const tag = await readFile(`${part}.etag`, 'utf8').catch(() => '')
  return tag === '' ? {} : {'if-range': tag}
}

/** Writes the body after what is there already; true when the file is whole. */
async function receive(
  file: Download,
  part: string,
  begun: number,
  {response}: RemoteResponse,
  options: DownloadOptions,
): Promise<boolean> {
  const continues = response.status === 206 && rangeStart(response) === begun
  if (response.status !== 200 && !continues) {
    await response.body?.cancel()
    // Nothing after the end: the part is the whole file.
    if (response.status === 416 && response.headers.get('content-range') === `bytes */${begun}`) return true
    await discard(part)
    return false
  }
  const from = continues ? begun : 0
  const length = Number(response.headers.get('content-length') ?? Number.NaN)
  // A server may compress all the same, and then its length is not the file's.
  const isPlain = (response.headers.get('content-encoding') ?? 'identity') === 'identity'
  const total = file.bytes ?? (isPlain && Number.isFinite(length) ? from + length : undefined)
  if (!continues) await writeFile(`${part}.etag`, strongTag(response))
  const done = await append(part, from, response, total, options)
  if (total !== undefined && done > total) {
    await discard(part)
    throw new SlmError(
      'download-length',
      `${basename(file.path)} is longer than the ${total} bytes announced`,
      {
        hint: 'The file at the source has changed: name another --revision.',
      },
    )
  }
  return total === undefined || done === total
}

async function append(
  part: string,
  from: number,
  response: Response,
  total: number | undefined,
  {onBytes, idleMs = IDLE_MS}: DownloadOptions,
): Promise<number> {
  const handle = await open(part, from > 0 ? 'r+' : 'w')
  let done = from
  try {
    await handle.truncate(from)
    const reader = response.body?.getReader()
    for (;;) {
      const chunk = await soon(reader?.read(), idleMs, () => void reader?.cancel())
      if (chunk === undefined || chunk.done) break
      await handle.write(chunk.value, 0, chunk.value.length, done)
      done += chunk.value.length
      onBytes?.(done, total)
    }
    await handle.sync()
  } finally {
    await handle.close()
  }
  return done
}

/** The promise's value, or an error when it takes longer than `idleMs`. */
async function soon<Value>(
  promise: Promise<Value> | undefined,
  idleMs: number,
  giveUp: () => void,
): Promise<Value | undefined> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(new Error(`nothing arrived for ${idleMs / 1000} s`))
      giveUp()
    }, idleMs)
  })
  try {
    return await Promise.race([promise, late])
  } finally {
    clearTimeout(timer)
  }
}

async function finish(file: Download, part: string): Promise<{bytes: number; sha256: string}> {
  const hash = createHash('sha256')
  let bytes = 0
  for await (const chunk of createReadStream(part) as AsyncIterable<Buffer>) {
    hash.update(chunk)
    bytes += chunk.length
  }
  const sha256 = hash.digest('hex')
  if (file.sha256 !== undefined && file.sha256 !== sha256) {
    await discard(part)
    throw new SlmError(
      'download-digest',
      `${basename(file.path)} arrived with sha256 ${sha256}, expected ${file.sha256}`,
      {
        hint: 'Pull again; if it repeats, the file at the source has changed or something on the way alters it.',
      },
    )
  }
  await rename(part, file.path)
  await rm(`${part}.etag`, {force: true})
  return {bytes, sha256}
}

async function discard(part: string): Promise<void> {
  await rm(part, {force: true})
  await rm(`${part}.etag`, {force: true})
}

function rangeStart(response: Response): number | undefined {
  const match = /^bytes (\d+)-/.exec(response.headers.get('content-range') ?? '')
  return match === null ? undefined : Number(match[1])
}

/** Weak tags do not promise equal bytes. */
function strongTag(response: Response): string {
  const tag = response.headers.get('etag') ?? ''
  return tag.startsWith('W/') ? '' : tag
}
