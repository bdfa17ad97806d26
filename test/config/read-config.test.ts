import {mkdtemp, writeFile} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {beforeAll, expect, it} from 'vitest'
import {evalConfigSchema} from '../../src/config/eval-config.ts'
import {judgeConfigSchema} from '../../src/config/judge-config.ts'
import {readConfig} from '../../src/config/read-config.ts'

let folder = ''
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'slm-config-'))
})

async function yaml(text: string): Promise<string> {
  const file = join(folder, 'x.yaml')
  await writeFile(file, text)
  return file
}

const read = async (text: string, flags: Record<string, unknown> = {}) =>
  readConfig(evalConfigSchema, {file: await yaml(text), flags})

/** The one line a user sees, with the temporary folder taken out. */
const complaint = async (text: string, flags: Record<string, unknown> = {}): Promise<string> =>
  read(text, flags).then(
    () => 'accepted',
    (error: Error & {hint?: string}) =>
      `${error.message.replaceAll(`${folder}/`, '')}${error.hint ? ` | ${error.hint}` : ''}`,
  )

it('lets a flag win over the file and says where each value came from', async () => {
  const {value, origins} = await read('model: m\ntasks: [squad, xsum]\nlimit: 5\n', {limit: 7})
  expect(value).toMatchObject({model: 'm', tasks: ['squad', 'xsum'], limit: 7, batchSize: 'auto', seed: 0})
  expect(origins['limit']).toBe('--limit')
  expect(origins['tasks']).toMatch(/x\.yaml:2$/)
  expect(origins['seed']).toBe('default')
})

it('freezes the value through and through', async () => {
  const {value} = await read('model: m\ntasks: [squad]\n')
  expect(Object.isFrozen(value) && Object.isFrozen(value.tasks)).toBe(true)
})

it('splits a comma-separated list of tasks', async () => {
  const {value} = await readConfig(evalConfigSchema, {flags: {model: 'm', tasks: 'squad,xsum'}})
  expect(value.tasks).toEqual(['squad', 'xsum'])
})

it('reads a shard as a 1-based pair', async () => {
  const {value} = await read('model: m\ntasks: squad\nshard: 2/4\n')
  expect(value.shard).toEqual({index: 2, count: 4})
})

it('names file, line, key and value of what is wrong', async () => {
  expect(await complaint('model: m\ntasks: [squad]\n\nbatchSize: -3\n')).toBe(
    'x.yaml:4: batchSize must be a positive integer or auto, got -3',
  )
})

it('names the flag of what is wrong', async () => {
  expect(await complaint('model: m\ntasks: [squad]\n', {batchSize: 'many'})).toBe(
    '--batch-size must be a positive integer or auto, got many',
  )
})

it.each([
  ['shard: 5/4', 'x.yaml:3: shard must be i/n with 1 <= i <= n, such as 1/4, got 5/4'],
  ['shard: 0/4', 'x.yaml:3: shard must be i/n with 1 <= i <= n, such as 1/4, got 0/4'],
  ['topP: 1.5', 'x.yaml:3: topP must be a number between 0 and 1, got 1.5'],
  ['dtype: fp8', 'x.yaml:3: dtype must be one of fp32, fp16, q8, q4, q4f16, int8, uint8, bnb4, got fp8'],
  ['limit: 2.5', 'x.yaml:3: limit must be a positive integer, got 2.5'],
  ['batchsize: 4', 'x.yaml:3: unknown key batchsize | Did you mean batchSize?'],
  ['limit: [1', 'x.yaml:4: Flow sequence in block collection must be sufficiently indented and end with a ]'],
])('refuses %s', async (line, message) => {
  expect(await complaint(`model: m\ntasks: [squad]\n${line}\n`)).toBe(message)
})

it('says which key is missing', async () => {
  expect(await complaint('model: m\n')).toBe('x.yaml:1: tasks is missing: it must be one or more task names')
})

it('says when the file does not exist', async () => {
  const missing = readConfig(evalConfigSchema, {file: 'configs/nowhere.yaml', flags: {}})
  await expect(missing).rejects.toThrow('configs/nowhere.yaml does not exist')
})

it('hides what may be a secret in an address that it refuses', async () => {
  const flags = {baseUrl: 'https://me:secret@host/v1?key=secret'}
  const refused = readConfig(judgeConfigSchema, {flags})
  await expect(refused).rejects.toThrow('got https://[hidden]@host/v1?[hidden]')
})
