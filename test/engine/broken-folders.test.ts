import {cp, mkdtemp, readFile, rm, truncate, writeFile} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {afterEach, beforeEach, describe, expect, it} from 'vitest'
import {openModel} from '../../src/engine/open-model.ts'
import type {OpenModelOptions} from '../../src/engine/open-options.ts'
import {SlmError} from '../../src/errors.ts'
import {fixtureFolder} from './checkpoint-fixture.ts'

const POINTER = 'version https://git-lfs.github.com/spec/v1\noid sha256:4d7a2146\nsize 12345\n'

let root: string
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'slm-broken-'))
})
afterEach(() => rm(root, {recursive: true}))

/** A copy of a fixture that may be damaged. */
async function copyOf(name: string): Promise<string> {
  const folder = join(root, name)
  await cp(fixtureFolder(name), folder, {recursive: true})
  return folder
}

async function errorOf(folder: string, options: Partial<OpenModelOptions> = {}): Promise<SlmError> {
  const error: unknown = await openModel({folder, name: 'm', threads: 1, ...options}).then(
    () => 'opened',
    (reason: unknown) => reason,
  )
  if (error instanceof SlmError) return error
  throw new Error(`not an SlmError: ${String(error)}`)
}

async function editJson(file: string, edit: (value: Record<string, unknown>) => void): Promise<void> {
  const value: Record<string, unknown> = JSON.parse(await readFile(file, 'utf8'))
  edit(value)
  await writeFile(file, JSON.stringify(value))
}

describe('a folder that cannot be used ends in one error that names the file', () => {
  it.each([
    ['t5-relu', 'decoder_with_past_model.onnx', 'decoder_with_past_model is missing (fp32)'],
    ['t5-relu', 'decoder_model.onnx', 'decoder_model_merged (or decoder_model) is missing (fp32)'],
    [
      't5-relu',
      'encoder_model.onnx',
      'takes "encoder_attention_mask", but the folder has no encoder_model.onnx',
    ],
    ['qwen2-external-data', 'model.onnx_data', 'model.onnx_data cannot be read'],
    ['llama-genai', 'model.onnx.data', 'model.onnx.data cannot be read'],
    ['gpt2', 'model.onnx', 'no model.onnx, encoder_model.onnx or decoder_model*.onnx here or under onnx/'],
  ])('%s without %s', async (name, file, message) => {
    const folder = await copyOf(name)
    await rm(join(folder, file))
    const error = await errorOf(folder)
    expect(error.code).toBe('model-file-missing')
    expect(error.message).toContain(message)
    expect(error.exit).toBe(2)
  })

  it('a genai_config.json whose graph is not there', async () => {
    const folder = await copyOf('llama-genai')
    await rm(join(folder, 'model.onnx'))
    const error = await errorOf(folder)
    expect(error.code).toBe('model-file-unreadable')
    expect(error.message).toContain('model.onnx cannot be read')
  })

  it.each([0, 1000, 300_000])('a graph cut off after %d bytes', async (length) => {
    const folder = await copyOf('gpt2')
    await truncate(join(folder, 'model.onnx'), length)
    const error = await errorOf(folder)
    expect(error.code).toBe('graph-broken')
    expect(error.message).toContain('model.onnx: not a readable ONNX graph')
  })

  it('weights outside the graph that are cut off', async () => {
    const folder = await copyOf('qwen2-external-data')
    await truncate(join(folder, 'model.onnx_data'), 1000)
    const error = await errorOf(folder)
    expect(error.code).toBe('model-file-missing')
    expect(error.message).toMatch(/model\.onnx: its weights file cannot be used: External initializer/)
    expect(error.message).not.toContain('onnxruntime_src')
  })

  it.each([
    ['gpt2', 'model.onnx'],
    ['gpt2', 'config.json'],
    ['qwen2-external-data', 'model.onnx_data'],
  ])('%s with a Git LFS pointer for %s', async (name, file) => {
    const folder = await copyOf(name)
    await writeFile(join(folder, file), POINTER)
    const error = await errorOf(folder)
    expect(error.code).toBe('lfs-pointer')
    expect(error.message).toContain(`${file} is a Git LFS pointer`)
    expect(error.hint).toContain('git lfs pull')
  })

  it.each(['../x.onnx', 'a/../../x.onnx', '/etc/hostname', '..', '..\\x.onnx', 'C:\\x.onnx', ''])(
    'a genai_config.json that names %s',
    async (filename) => {
      const folder = await copyOf('llama-genai')
      const config = JSON.parse(await readFile(join(folder, 'genai_config.json'), 'utf8'))
      config.model.decoder.filename = filename
      await writeFile(join(folder, 'genai_config.json'), JSON.stringify(config))
      const error = await errorOf(folder)
      expect(error.code).toBe('path-outside')
      expect(error.message).toContain(
        `genai_config.json names the file "${filename}", which leaves the folder`,
      )
    },
  )

  it('a graph that names weights of another folder', async () => {
    const folder = await copyOf('llama-genai')
    const file = join(folder, 'model.onnx')
    // The same length, so that no length in the file changes.
    const text = (await readFile(file)).toString('latin1')
    await writeFile(file, text.replaceAll('model.onnx.data', '../x/etc/passwd'), 'latin1')
    const error = await errorOf(folder)
    expect(error.code).toBe('path-outside')
    expect(error.message).toContain('model.onnx names the file "../x/etc/passwd", which leaves the folder')
  })

  it.each([
    ['config.json', '{"a":', 'model-config-broken', 'config.json is not JSON'],
    ['config.json', '[]', 'model-config-broken', 'expected object'],
    ['generation_config.json', '{"eos_token_id":"</s>"}', 'model-config-broken', 'eos_token_id'],
  ])('%s that holds %s', async (file, text, code, message) => {
    const folder = await copyOf('gpt2')
    await writeFile(join(folder, file), text)
    const error = await errorOf(folder)
    expect(error.code).toBe(code)
    expect(error.message).toContain(message)
  })

  it.each([
    ['eos_token_id', 'end-token-missing'],
    ['decoder_start_token_id', 'decoder-start-missing'],
  ])('no file that names %s', async (key, code) => {
    const folder = await copyOf('t5-relu')
    for (const file of ['config.json', 'generation_config.json'])
      await editJson(join(folder, file), (value) => delete value[key])
    const error = await errorOf(folder)
    expect(error.code).toBe(code)
    expect(error.message).toContain(`no file names ${key}`)
  })

  it('a folder that is not there', async () => {
    expect((await errorOf(join(root, 'none'))).code).toBe('model-folder-missing')
  })

  it('a dtype that the folder does not have, with those that it has', async () => {
    const error = await errorOf(fixtureFolder('t5-gated-merged'), {dtype: 'q8'})
    expect(error.code).toBe('dtype-missing')
    expect(error.hint).toBe('This folder has: fp16, q4.')
  })

  it('a device that nobody knows, with those that are known', async () => {
    const error = await errorOf(fixtureFolder('gpt2'), {device: 'tpu'})
    expect(error.code).toBe('device-unknown')
    expect(error.hint).toContain('cpu, cuda')
  })

  it('graphs of two exports that cannot run together', async () => {
    const folder = await copyOf('t5-relu')
    await cp(join(fixtureFolder('gpt2'), 'model.onnx'), join(folder, 'decoder_with_past_model.onnx'))
    expect((await errorOf(folder)).code).toBe('graph-not-supported')
  })

  it('a decoder for further steps whose weights are not those of the first one', async () => {
    const folder = await copyOf('t5-relu')
    const file = join(folder, 'decoder_with_past_model.onnx')
    const bytes = await readFile(file)
    // Inside the first feed-forward weight: turn the signs of 1024 numbers.
    for (let at = 218_408; at < 222_504; at += 4) bytes[at] = bytes[at]! ^ 0x80
    await writeFile(file, bytes)
    const error = await errorOf(folder)
    expect(error.code).toBe('self-test-failed')
    expect(error.message).toContain('a step with the cache equals one without: no')
  })
})

describe('what a folder may lack', () => {
  it('a suffix: the dtype is what the files hold', async () => {
    const folder = await copyOf('t5-gated-merged')
    for (const part of ['encoder_model', 'decoder_model_merged']) {
      await cp(join(folder, 'onnx', `${part}_fp16.onnx`), join(folder, `${part}.onnx`))
    }
    await rm(join(folder, 'onnx'), {recursive: true})
    const model = await openModel({folder, name: 'm', threads: 1})
    expect(model.facts.dtype).toBe('fp16')
    await model.close()
  })

  it('config.json, when generation_config.json names the tokens', async () => {
    const folder = await copyOf('gpt2')
    await rm(join(folder, 'config.json'))
    const model = await openModel({folder, name: 'm', threads: 1})
    expect(model.facts.architecture).toBe('dec-only')
    expect(model.facts.tokens.end).toEqual([600])
    await model.close()
  })

  it('fp32: a folder with one other dtype opens as that', async () => {
    const folder = await copyOf('t5-gated-merged')
    for (const part of ['encoder_model', 'decoder_model_merged'])
      await rm(join(folder, 'onnx', `${part}_q4.onnx`))
    const model = await openModel({folder, name: 'm', threads: 1})
    expect(model.facts.dtype).toBe('fp16')
    await model.close()
  })
})
