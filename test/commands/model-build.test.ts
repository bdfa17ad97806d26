import {createHash} from 'node:crypto'
import {mkdtempSync, readdirSync, readFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {fileURLToPath} from 'node:url'
import {describe, expect, it} from 'vitest'
import ModelBuild from '../../src/commands/model/build.ts'
import {readGraphFacts} from '../../src/onnx/read/graph-facts.ts'
import {countParameters} from '../../src/onnx/read/parameters.ts'
import {quietly} from '../onnx/quietly.ts'
import {openGraph} from '../onnx/run-graph.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const attempt = (...flags: string[]) => quietly(() => ModelBuild.run(flags, root))
const build = async (...flags: string[]) => (await attempt(...flags)).result
const small = ['--params', '60k', '--width', '32', '--vocabulary', '259']

describe('slm model build', () => {
  it('prints the paper’s count at 20 + 10 layers without writing anything', async () => {
    const flags = ['--arch', 'enc-dec', '--encoder-layers', '20', '--decoder-layers', '10', '--dry-run']
    expect(await build(...flags)).toMatchObject({architecture: 'enc-dec', parameters: 332_042_240})
  })

  it('writes both architectures in one size, with as many parameters as it says', async () => {
    const out = mkdtempSync(join(tmpdir(), 'slm-'))
    const encDec = await build('--arch', 'enc-dec', ...small, '--out', join(out, 'a'))
    const decOnly = await build('--arch', 'dec-only', ...small, '--out', join(out, 'b'))
    expect(encDec.parameters / decOnly.parameters).toBeCloseTo(1, 2)
    const paths = ['encoder_model', 'decoder_model_merged'].map((name) =>
      join(out, 'a', 'onnx', `${name}.onnx`),
    )
    expect(countParameters(paths)).toBe(encDec.parameters)
    expect(countParameters([join(out, 'b', 'onnx', 'model.onnx')])).toBe(decOnly.parameters)
    const config = JSON.parse(readFileSync(join(out, 'a', 'config.json'), 'utf8'))
    expect(config).toMatchObject({model_type: 't5', slm: {untrained: true, parameters: encDec.parameters}})
  })

  it('writes the same bytes for the same seed, and others for another', async () => {
    const [one, two, other] = ['1', '1', '2'].map(() => mkdtempSync(join(tmpdir(), 'slm-')))
    for (const [folder, seed] of [
      [one, '1'],
      [two, '1'],
      [other, '2'],
    ] as const)
      await build('--arch', 'dec-only', ...small, '--seed', seed, '--dtype', 'fp32,q4', '--out', folder!)
    expect(digest(one!)).toBe(digest(two!))
    expect(digest(one!)).not.toBe(digest(other!))
  })

  it('keeps large weights beside the graph, where ONNX Runtime finds them', async () => {
    const out = mkdtempSync(join(tmpdir(), 'slm-'))
    const flags = ['--params', '55M', '--vocabulary', '400000', '--width', '128', '--dtype', 'q8']
    await build('--arch', 'dec-only', ...flags, '--out', out)
    const path = join(out, 'onnx', 'model_q8.onnx')
    expect(readGraphFacts(path).externalFiles).toEqual(['weights_q8.onnx_data'])
    const session = await openGraph(readFileSync(path), path)
    expect(session.inputNames).toContain('input_ids')
  })

  it.each([
    [['--arch', 'enc-dec'], 'given twice, or not at all'],
    [['--arch', 'dec-only', '--params', '1M', '--layers', '3', '--dry-run'], 'given twice, or not at all'],
    [['--arch', 'enc-dec', '--encoder-layers', '3', '--dry-run'], 'go together'],
    [['--arch', 'dec-only', ...small, '--dtype', 'q3', '--dry-run'], 'q3 is not a dtype'],
    [['--arch', 'dec-only', ...small], 'no folder to write to'],
    [
      ['--arch', 'dec-only', '--layers', '2', '--heads', '6', '--kv-heads', '4', '--dry-run'],
      'cannot share 4',
    ],
  ])('refuses %j in one line', async (flags, message) => {
    const {stderr, exitCode} = await attempt(...flags)
    expect(stderr).toContain(message)
    expect(exitCode).toBe(2)
  })
})

function digest(folder: string): string {
  const hash = createHash('sha256')
  const files = readdirSync(folder, {recursive: true, encoding: 'utf8', withFileTypes: true})
  for (const file of files.filter((entry) => entry.isFile()).sort((a, b) => a.name.localeCompare(b.name)))
    hash.update(file.name).update(readFileSync(join(file.parentPath, file.name)))
  return hash.digest('hex')
}
