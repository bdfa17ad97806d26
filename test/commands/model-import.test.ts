import {copyFileSync, mkdtempSync, readFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {fileURLToPath} from 'node:url'
import {describe, expect, it} from 'vitest'
import ModelImport from '../../src/commands/model/import.ts'
import {countParameters} from '../../src/onnx/read/parameters.ts'
import {quietly} from '../onnx/quietly.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const fixture = join(root, 'test/fixtures/mu')

const attempt = (...flags: string[]) => quietly(() => ModelImport.run(['--arch', 'mu', ...flags], root))

describe('slm model import', () => {
  it('writes a folder with the weights, tokens and tokenizer of what it read', async () => {
    const out = mkdtempSync(join(tmpdir(), 'slm-'))
    const {result: imported} = await attempt(join(fixture, 'model.pt'), '--out', out)
    expect(imported.parameters).toBe(113_424)
    const graphs = ['encoder_model', 'decoder_model_merged'].map((name) => join(out, 'onnx', `${name}.onnx`))
    expect(countParameters(graphs)).toBe(113_424)
    expect(JSON.parse(readFileSync(join(out, 'generation_config.json'), 'utf8'))).toEqual({
      bos_token_id: 1,
      eos_token_id: 640,
      pad_token_id: 0,
      decoder_start_token_id: 1,
    })
    expect(readFileSync(join(out, 'tokenizer.json'))).toEqual(readFileSync(join(fixture, 'tokenizer.json')))
  })

  it('takes the configuration from the file itself where none lies beside it', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'slm-'))
    copyFileSync(join(fixture, 'model.pt'), join(folder, 'model.pt'))
    const flags = ['--tokenizer', fixture, '--out', join(folder, 'out')]
    const {result: imported} = await attempt(join(folder, 'model.pt'), ...flags)
    expect(imported.shape).toMatchObject({encoderLayers: 3, decoderLayers: 2, keyValueHeads: 3})
  })

  it('says in one line what is missing', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'slm-'))
    copyFileSync(join(fixture, 'model.pt'), join(folder, 'model.pt'))
    const {stderr, exitCode} = await attempt(join(folder, 'model.pt'), '--out', join(folder, 'out'))
    expect(stderr).toContain('tokenizer.json is missing')
    expect(exitCode).toBe(2)
  })
})
