import {mkdtemp, readFile, rm} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {afterEach, beforeEach, describe, expect, it} from 'vitest'
import {openModel} from '../../src/engine/open-model.ts'
import {pullCheckpoint} from '../../src/inference/pull-checkpoint.ts'
import {resolveModel} from '../../src/inference/resolve-model.ts'
import {type Answer, bytes, type FileServer, fileServer} from '../data/file-server.ts'

const demo = new URL('../../checkpoints/demo-dec-only/', import.meta.url)
const FILES = [
  'config.json',
  'generation_config.json',
  'tokenizer.json',
  'tokenizer_config.json',
  'onnx/model.onnx',
]
/** Files of the repository that opening the model does not need. */
const OTHERS = ['README.md', 'model.safetensors', 'onnx/model_q4.onnx']

let server: FileServer
let cacheFolder: string

beforeEach(async () => {
  cacheFolder = await mkdtemp(join(tmpdir(), 'slm-pull-'))
  const answers: Record<string, Answer> = {}
  for (const path of FILES) {
    const body = await readFile(new URL(path, demo))
    answers[`/owner/tiny/resolve/v1/${path}`] = bytes(body, path.endsWith('.onnx') ? {cutAfter: 200_000} : {})
  }
  const listing = [...FILES, ...OTHERS].map((path) => ({type: 'file', path, size: undefined}))
  answers['/api/models/owner/tiny/tree/v1?recursive=true'] = (_, response) =>
    response.writeHead(200, {'content-type': 'application/json'}).end(JSON.stringify(listing))
  server = await fileServer(answers)
})

afterEach(async () => {
  await server.close()
  await rm(cacheFolder, {recursive: true, force: true})
})

const pull = (reference = 'owner/tiny@v1') =>
  pullCheckpoint(reference, {
    cacheFolder,
    endpoint: server.origin,
    token: {value: 'secret', origin: server.origin},
    dtype: undefined,
    onFile: () => {},
    wait: async () => {},
  })

describe('a checkpoint of the hub', () => {
  it('is downloaded over broken connections and opens', async () => {
    const model = await openModel({folder: await pull(), name: 'owner/tiny', threads: 1})
    expect(model.facts.architecture).toBe('dec-only')
    await model.close()
    const ranges = server.requests.filter(({path, headers}) => path.endsWith('model.onnx') && headers.range)
    expect(ranges.length).toBeGreaterThan(0)
  })

  it('brings only the files of the dtype that is opened', async () => {
    await pull()
    const asked = server.requests.map(({path}) => path).filter((path) => path.includes('/resolve/'))
    expect(asked.some((path) => OTHERS.some((other) => path.endsWith(other)))).toBe(false)
  })

  it('is not asked for again once it is there', async () => {
    await pull()
    const before = server.requests.length
    await pull()
    expect(server.requests.length).toBe(before)
  })

  it('is one clear error when the hub does not know it', async () => {
    await expect(pull('owner/other')).rejects.toMatchObject({name: 'SlmError', exit: 2})
  })

  it('may not lead out of the cache by its name', async () => {
    const refuse = () => Promise.reject(new Error('was pulled'))
    for (const reference of ['../escape', 'owner/..', 'owner/name@../x'])
      await expect(resolveModel(reference, refuse)).rejects.toMatchObject({code: 'model-unknown'})
  })
})
