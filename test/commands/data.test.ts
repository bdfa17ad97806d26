import {mkdtempSync, readFileSync, rmSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {fileURLToPath} from 'node:url'
import {captureOutput} from '@oclif/test'
import {afterEach, beforeEach, describe, expect, it} from 'vitest'
import DataList from '../../src/commands/data/list.ts'
import DataPull from '../../src/commands/data/pull.ts'
import TaskShow from '../../src/commands/task/show.ts'
import {bytes, type FileServer, fileServer} from '../data/file-server.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const parquet = readFileSync(new URL('../fixtures/data/squad/v2.zstd.parquet', import.meta.url))
const FILE = 'squad_v2/validation-00000-of-00001.parquet'

let cache: string
let server: FileServer
const environment = {...process.env}
beforeEach(async () => {
  cache = mkdtempSync(join(tmpdir(), 'slm-cache-'))
  server = await fileServer({
    '/api/datasets/rajpurkar/squad_v2/tree/main?recursive=true': (_, response) =>
      response.end(JSON.stringify([{type: 'file', path: FILE, size: parquet.length}])),
    [`/datasets/rajpurkar/squad_v2/resolve/main/${FILE}`]: bytes(parquet),
  })
  process.env['SLM_CACHE'] = cache
  process.env['HF_ENDPOINT'] = server.origin
  process.env['HF_TOKEN'] = 'hf_secret'
})
afterEach(async () => {
  process.env = {...environment}
  process.exitCode = undefined
  rmSync(cache, {recursive: true})
  await server.close()
})

const COMMANDS = {
  pull: (flags: string[]) => DataPull.run(flags, root),
  list: (flags: string[]) => DataList.run(flags, root),
  show: (flags: string[]) => TaskShow.run(flags, root),
}
const run = (command: keyof typeof COMMANDS, ...flags: readonly string[]) =>
  captureOutput<unknown>(() => COMMANDS[command]([...flags]))

describe('slm data pull', () => {
  it('downloads what the task reads next, and shows neither token nor a second download', async () => {
    const first = await run('pull', 'squad')
    expect(first.stdout).toMatch(
      /validation-00000-of-00001\.parquet {2}24,716 bytes {2}sha256 [0-9a-f]{64}\nlicence: CC BY-SA 4\.0\n$/,
    )
    expect(first.stderr).toBe(`${FILE}: downloading\n`)
    const again = await run('pull', 'squad', '--json')
    expect(JSON.parse(again.stdout)).toMatchObject({
      kind: 'pulled',
      revision: 'main',
      files: [{bytes: 24716, checked: false}],
    })
    expect(again.stderr).toBe(`${FILE}: already here\n`)
    expect(JSON.stringify([first, again])).not.toContain('hf_secret')
    const {stdout} = await run('show', 'squad', '--n', '1')
    expect(stdout).toContain('In what country is Normandy located?')
    expect(server.requests.every(({headers}) => headers.authorization === 'Bearer hf_secret')).toBe(true)
  })

  it.each([
    [['squad', '--split', 'nonsense'], 'has no split "nonsense"'],
    [['squad', '--endpoint', 'nonsense'], '"nonsense" is not the address of a server'],
    [['squad', '--revision', 'nonsense'], 'does not exist (404)'],
    [['nonsense'], 'there is no task'],
  ])('ends with exit code 2 and one clear error for %j', async (flags, message) => {
    const {stderr} = await run('pull', ...flags)
    expect(process.exitCode).toBe(2)
    expect(stderr).toContain(message)
    expect(stderr).not.toContain('    at ')
  })
})

describe('slm data list', () => {
  it('says what is here, with digests, and which command brings the rest', async () => {
    await run('pull', 'squad')
    const {stdout} = await run('list')
    expect(stdout).toContain(`cache: ${cache}`)
    expect(stdout).toContain('codexglue-code-translation (codex, codex-cs-java)')
    expect(stdout).toContain('train      not here: slm data pull squad --split train')
    expect(stdout).toContain('validation pulled at main')
    const json = JSON.parse((await run('list', '--json')).stdout)
    const squad = json.sets.find(({set}: {readonly set: string}) => set === 'squad-v2')
    expect(squad.splits[1]).toMatchObject({
      split: 'validation',
      state: {kind: 'pulled', files: [{bytes: 24716}]},
    })
  })
})
