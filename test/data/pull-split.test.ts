import {createHash} from 'node:crypto'
import {existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {afterEach, describe, expect, it} from 'vitest'
import {type PullOptions, pullSplit} from '../../src/data/pull-split.ts'
import {pulledPaths, readPulledSet, readPulledSplit} from '../../src/data/pulled-set.ts'
import type {RemoteSet} from '../../src/data/remote-set.ts'
import {type Answer, bytes, type FileServer, fileServer} from './file-server.ts'

const body = Buffer.from(Array.from({length: 5000}, (_, place) => place % 251))
const sha256 = createHash('sha256').update(body).digest('hex')
const set: RemoteSet = {kind: 'hub', set: 'toy', dataset: 'some/toy', revision: 'main'}

const open: FileServer[] = []
const folders: string[] = []
afterEach(async () => {
  for (const server of open.splice(0)) await server.close()
  for (const folder of folders.splice(0)) rmSync(folder, {recursive: true})
})

async function serve(answers: Readonly<Record<string, Answer>>): Promise<FileServer> {
  const server = await fileServer(answers)
  open.push(server)
  return server
}

const TREE = '/api/datasets/some/toy/tree/main?recursive=true'
const FILE = '/datasets/some/toy/resolve/main/data/test.bin'
const listing =
  (...entries: readonly object[]): Answer =>
  (_, response) =>
    response.end(JSON.stringify(entries))
const entry = {type: 'file', path: 'data/test.bin', size: 134, lfs: {oid: sha256, size: body.length}}
const tree = listing({type: 'directory', path: 'data'}, entry)
const status =
  (code: number, headers: Record<string, string> = {}): Answer =>
  (_, response) =>
    response.writeHead(code, headers).end()

function options(
  server: FileServer,
  more: Partial<PullOptions> = {},
): PullOptions & {readonly waits: number[]} {
  const cacheFolder = mkdtempSync(join(tmpdir(), 'slm-pull-'))
  folders.push(cacheFolder)
  const waits: number[] = []
  return {cacheFolder, endpoint: server.origin, wait: async (ms) => void waits.push(ms), waits, ...more}
}

describe('a pull from the hub', () => {
  it('finds the file by its pattern, checks its digest and records what it got', async () => {
    const server = await serve({
      [TREE]: tree,
      [FILE]: (request, response) => {
        response.setHeader('x-repo-commit', 'c0ffee')
        bytes(body)(request, response)
      },
    })
    const where = options(server)
    const pulled = await pullSplit(set, 'test', ['*test*.bin'], where)
    expect(pulled).toEqual({
      revision: 'main',
      commit: 'c0ffee',
      files: [{path: 'test/data/test.bin', bytes: 5000, sha256, checked: true}],
    })
    expect((await readPulledSet(where.cacheFolder, 'toy'))?.splits).toEqual({test: pulled})
    const [path] = await pulledPaths(where.cacheFolder, 'toy', pulled)
    expect(readFileSync(path!)).toEqual(body)
    expect(existsSync(`${path}.part`)).toBe(false)
    expect(existsSync(`${path}.part.etag`)).toBe(false)
  })

  it('downloads nothing that is there, and everything again that was altered', async () => {
    const server = await serve({[TREE]: tree, [FILE]: bytes(body)})
    const where = options(server)
    const pulled = await pullSplit(set, 'test', ['*.bin'], where)
    await pullSplit(set, 'test', ['*.bin'], where)
    expect(server.requests.filter(({path}) => path === FILE)).toHaveLength(1)
    const [path] = await pulledPaths(where.cacheFolder, 'toy', pulled)
    writeFileSync(path!, Buffer.alloc(5000))
    await pullSplit(set, 'test', ['*.bin'], where)
    expect(readFileSync(path!)).toEqual(body)
  })

  it('goes on where a connection was cut, again and again', async () => {
    const server = await serve({[TREE]: tree, [FILE]: bytes(body, {cutAfter: 700})})
    const pulled = await pullSplit(set, 'test', ['*.bin'], options(server))
    expect(pulled.files[0]).toMatchObject({bytes: 5000, sha256})
    const ranges = server.requests.filter(({path}) => path === FILE).map(({headers}) => headers.range)
    expect(ranges.slice(0, 3)).toEqual([undefined, 'bytes=700-', 'bytes=1400-'])
    expect(ranges.at(-1)).toBe('bytes=4900-')
  })

  it('goes on with what an earlier run left, unless the file is another one now', async () => {
    for (const [etag, range] of [
      ['"one"', 'bytes=1000-'],
      ['"two"', 'bytes=1000-'],
    ] as const) {
      const server = await serve({
        [TREE]: listing({...entry, lfs: undefined, size: 5000}),
        [FILE]: bytes(body, {etag}),
      })
      const where = options(server)
      mkdirSync(join(where.cacheFolder, 'data/toy/test/data'), {recursive: true})
      const part = join(where.cacheFolder, 'data/toy/test/data/test.bin.part')
      writeFileSync(part, etag === '"one"' ? body.subarray(0, 1000) : Buffer.alloc(1000, 7))
      writeFileSync(`${part}.etag`, '"one"')
      const pulled = await pullSplit(set, 'test', ['*.bin'], where)
      expect(pulled.files[0]).toMatchObject({sha256, checked: false})
      expect(server.requests.at(-1)?.headers).toMatchObject({range, 'if-range': '"one"'})
    }
  })

  it('refuses a wrong digest and keeps nothing of it', async () => {
    const server = await serve({[TREE]: tree, [FILE]: bytes(Buffer.alloc(5000))})
    const where = options(server)
    await expect(pullSplit(set, 'test', ['*.bin'], where)).rejects.toMatchObject({code: 'download-digest'})
    expect(existsSync(join(where.cacheFolder, 'data/toy/test/data/test.bin'))).toBe(false)
    expect(existsSync(join(where.cacheFolder, 'data/toy/test/data/test.bin.part'))).toBe(false)
    expect(await readPulledSet(where.cacheFolder, 'toy')).toBeUndefined()
  })

  it('sends the token to the hub and not to where the hub redirects', async () => {
    const store = await serve({'/signed?key=secret': bytes(body)})
    const server = await serve({
      [TREE]: tree,
      [FILE]: status(302, {location: `${store.origin}/signed?key=secret`, 'x-repo-commit': 'abc'}),
    })
    const where = options(server, {token: {value: 'hf_secret', origin: server.origin}})
    const pulled = await pullSplit(set, 'test', ['*.bin'], where)
    expect(pulled.commit).toBe('abc')
    expect(server.requests.map(({headers}) => headers.authorization)).toEqual([
      'Bearer hf_secret',
      'Bearer hf_secret',
    ])
    expect(store.requests.map(({headers}) => headers.authorization)).toEqual([undefined])
  })

  it('waits for a server that is busy, as long as it asks for', async () => {
    let calls = 0
    const busy: Answer = (request, response) => {
      calls += 1
      if (calls === 1) response.writeHead(429, {'retry-after': '7'}).end()
      else if (calls === 2) response.writeHead(503).end()
      else bytes(body)(request, response)
    }
    const server = await serve({[TREE]: tree, [FILE]: busy})
    const where = options(server)
    await pullSplit(set, 'test', ['*.bin'], where)
    expect(where.waits).toEqual([7000, 1000])
  })

  it('reads a listing of several pages and leaves out paths that lead elsewhere', async () => {
    const second = listing({...entry, path: '../../evil.bin'}, {...entry, path: '/evil.bin'}, entry)
    const server = await serve({
      [TREE]: (_, response) => response.setHeader('link', `<${TREE}&cursor=x>; rel="next"`).end('[]'),
      [`${TREE}&cursor=x`]: second,
      [FILE]: bytes(body),
    })
    const pulled = await pullSplit(set, 'test', ['*.bin'], options(server))
    expect(pulled.files.map(({path}) => path)).toEqual(['test/data/test.bin'])
  })

  it('asks for a named file even when a mirror lists nothing', async () => {
    const server = await serve({[FILE]: bytes(body)})
    const pulled = await pullSplit(set, 'test', ['data/test.bin'], options(server))
    expect(pulled.files[0]).toMatchObject({sha256, checked: false})
    await expect(pullSplit(set, 'test', ['*.bin'], options(server))).rejects.toMatchObject({
      code: 'download-missing',
    })
  })

  it('takes another revision by its name', async () => {
    const at = 'refs%2Fpr%2F1'
    const server = await serve({
      [`/api/datasets/some/toy/tree/${at}?recursive=true`]: tree,
      [`/datasets/some/toy/resolve/${at}/data/test.bin`]: bytes(body),
    })
    const pulled = await pullSplit(
      set,
      'test',
      [{path: 'data/test.bin', sha256: '0'.repeat(64)}],
      options(server, {revision: 'refs/pr/1'}),
    )
    expect(pulled).toMatchObject({revision: 'refs/pr/1', files: [{checked: true}]})
  })
})

describe('what can be mended', () => {
  it.each([
    [401, 'download-refused', 'HF_TOKEN'],
    [403, 'download-refused', 'HF_TOKEN'],
    [404, 'download-missing', '--revision'],
    [418, 'download-failed', '--data FILE'],
  ])('is said at once: status %i', async (code, name, hint) => {
    const server = await serve({[TREE]: tree, [FILE]: status(code)})
    await expect(pullSplit(set, 'test', ['*.bin'], options(server))).rejects.toMatchObject({
      code: name,
      hint: expect.stringContaining(hint),
    })
    expect(server.requests).toHaveLength(2)
  })

  it('is said after five tries: a server that stays broken', async () => {
    const server = await serve({[TREE]: status(500)})
    await expect(pullSplit(set, 'test', ['*.bin'], options(server))).rejects.toMatchObject({
      code: 'download-failed',
    })
    expect(server.requests).toHaveLength(5)
  })

  it('is said when there is no network, with what to do', async () => {
    const server = await serve({})
    const where = options(server)
    await server.close()
    await expect(pullSplit(set, 'test', ['*.bin'], where)).rejects.toMatchObject({
      code: 'offline',
      message: `${server.origin} cannot be reached (ECONNREFUSED)`,
      hint: expect.stringContaining('--data FILE'),
    })
  })

  it('is said of a listing that is no listing, and of files that are not listed', async () => {
    const server = await serve({[TREE]: (_, response) => response.end('<html>')})
    await expect(pullSplit(set, 'test', ['*.bin'], options(server))).rejects.toMatchObject({
      code: 'hub-listing',
    })
    const other = await serve({[TREE]: tree})
    await expect(pullSplit(set, 'test', ['*.parquet'], options(other))).rejects.toMatchObject({
      hint: expect.stringContaining('there are: data/test.bin'),
    })
  })

  it('is said of a connection that falls silent', async () => {
    const silent: Answer = (_, response) => response.writeHead(200, {'content-length': 5000}).write('x')
    const server = await serve({[TREE]: tree, [FILE]: silent})
    await expect(pullSplit(set, 'test', ['*.bin'], options(server, {idleMs: 30}))).rejects.toMatchObject({
      code: 'offline',
    })
  })

  it('is said of redirects without end', async () => {
    const server = await serve({[TREE]: tree, [FILE]: status(302, {location: FILE})})
    await expect(pullSplit(set, 'test', ['*.bin'], options(server))).rejects.toMatchObject({
      code: 'download-redirect',
    })
  })
})

describe('a pull from an address', () => {
  const url: RemoteSet = {
    kind: 'url',
    set: 'pairs',
    base: 'https://example.org/{revision}/data/',
    revision: 'r1',
  }
  const wanted = [{path: 'a.txt', bytes: body.length, sha256}]

  it('takes the files of the revision and checks the digests that the task knows', async () => {
    const server = await serve({'/r1/data/a.txt': bytes(body)})
    const pulled = await pullSplit(url, 'test', wanted, options(server))
    expect(pulled).toEqual({
      revision: 'r1',
      files: [{path: 'test/a.txt', bytes: 5000, sha256, checked: true}],
    })
  })

  it('checks no digest of another revision', async () => {
    const other = Buffer.from('other')
    const server = await serve({'/r2/data/a.txt': bytes(other)})
    const pulled = await pullSplit(url, 'test', wanted, options(server, {revision: 'r2'}))
    expect(pulled.files[0]).toMatchObject({bytes: 5, checked: false})
  })

  it('refuses a file that is longer than announced', async () => {
    const server = await serve({'/r1/data/a.txt': bytes(Buffer.alloc(6000))})
    await expect(pullSplit(url, 'test', wanted, options(server))).rejects.toMatchObject({
      code: 'download-length',
    })
  })
})

it('takes another origin under the same name for another set', async () => {
  const server = await serve({[TREE]: tree, [FILE]: bytes(body)})
  const where = options(server)
  await pullSplit(set, 'test', ['*.bin'], where)
  const other: RemoteSet = {...set, kind: 'hub', dataset: 'other/toy', revision: 'main'}
  expect(await readPulledSplit(where.cacheFolder, set, 'test')).toBeDefined()
  expect(await readPulledSplit(where.cacheFolder, other, 'test')).toBeUndefined()
})

it('prefers one of several files at another revision too', async () => {
  const at = 'r2'
  const server = await serve({
    [`/api/datasets/some/toy/tree/${at}?recursive=true`]: tree,
    [`/datasets/some/toy/resolve/${at}/data/test.bin`]: bytes(body),
  })
  const wanted = [{firstOf: ['*.parquet', '*.bin']}]
  const pulled = await pullSplit(set, 'test', wanted, options(server, {revision: at}))
  expect(pulled.files).toHaveLength(1)
})

it('lets one process at a time write to a set, and takes over from a dead one', async () => {
  const server = await serve({[TREE]: tree, [FILE]: bytes(body)})
  const where = options(server)
  const lock = join(where.cacheFolder, 'data/toy/pull.lock')
  mkdirSync(join(where.cacheFolder, 'data/toy'), {recursive: true})
  writeFileSync(lock, String(process.ppid))
  await expect(pullSplit(set, 'test', ['*.bin'], where)).rejects.toMatchObject({code: 'cache-busy'})
  writeFileSync(lock, '4194305')
  await pullSplit(set, 'test', ['*.bin'], where)
  expect(existsSync(lock)).toBe(false)
})

it('says when pulled files have gone or changed', async () => {
  const server = await serve({[TREE]: tree, [FILE]: bytes(body)})
  const where = options(server)
  const pulled = await pullSplit(set, 'test', ['*.bin'], where)
  writeFileSync(join(where.cacheFolder, 'data/toy/test/data/test.bin'), 'short')
  await expect(pulledPaths(where.cacheFolder, 'toy', pulled)).rejects.toThrow('has 5 bytes, not 5000')
  writeFileSync(join(where.cacheFolder, 'data/toy/manifest.json'), '{"version": 2}')
  await expect(readPulledSet(where.cacheFolder, 'toy')).rejects.toMatchObject({code: 'cache-broken'})
})
