import {existsSync, mkdtempSync, readdirSync, rmSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {fileURLToPath} from 'node:url'
import {describe, expect, it} from 'vitest'
import ModelBuild from '../../src/commands/model/build.ts'
import ModelQuantize from '../../src/commands/model/quantize.ts'
import {quietly} from '../onnx/quietly.ts'
import {shortTask, slm} from './slm-process.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const quantize = (...flags: string[]) => quietly(() => ModelQuantize.run(flags, root))

/** An untrained network whose tokens are bytes. */
async function built(): Promise<string> {
  const out = join(mkdtempSync(join(tmpdir(), 'slm-quantize-test-')), 'model')
  const size = ['--params', '60k', '--width', '32', '--vocabulary', '259']
  await quietly(() => ModelBuild.run(['--arch', 'dec-only', ...size, '--out', out], root))
  return out
}

describe('slm model quantize', () => {
  it('writes every small form and prints what each costs on the sample that was asked for', async () => {
    const folder = await built()
    const {task} = await shortTask(2)
    const sample = ['--sample-task', task, '--sample', '2']
    const {result, printed, stderr} = await quantize(folder, '--dtype', 'fp16,q8', ...sample)
    expect(readdirSync(join(folder, 'onnx')).sort()).toEqual([
      'model.onnx',
      'model_fp16.onnx',
      'model_q8.onnx',
    ])
    expect(result.costs).toMatchObject([
      {dtype: 'fp16', samples: 2},
      {dtype: 'q8', samples: 2},
    ])
    expect(printed).toMatch(/fp16 against fp32 on 2 samples of \S*short\.yaml:\n {2}ROUGE-L fp32 [\d.]+ \[/)
    expect(printed).toMatch(/q8 against fp32 on 2 samples of \S*short\.yaml:\n {2}ROUGE-L fp32 [\d.]+ \[/)
    // Both forms are opened: equal answers are no proof that the small one was asked.
    expect(stderr).toMatch(/dec-only, fp32,.*dec-only, fp16,.*dec-only, q8,/s)
  })

  it('measures no cost where weights are untrained or nobody wants to know it', async () => {
    const folder = await built()
    const untrained = await quantize(folder, '--dtype', 'fp16')
    expect(untrained.result.costs).toEqual({missing: 'the weights are untrained'})
    expect(untrained.printed).toContain('cost not measured: the weights are untrained')
    const unwanted = await quantize(folder, '--dtype', 'fp16', '--no-cost', '--sample-task', 'codex-mini')
    expect(unwanted.result.costs).toEqual({missing: 'left out by --no-cost'})
  })

  it('says that the graphs are there when the sample cannot be answered', async () => {
    const folder = await built()
    rmSync(join(folder, 'tokenizer.json'))
    const {stderr, exitCode} = await quantize(folder, '--dtype', 'fp16', '--cost')
    expect(exitCode).toBe(2)
    expect(stderr).toContain('the graphs are written, their cost is not measured: ')
    expect(stderr).toContain('tokenizer.json is missing')
    expect(stderr).toContain('--no-cost leaves it out.')
  })

  it('ends with 130 and the command that begins again when it is stopped in the sample', async () => {
    const folder = await built()
    const run = slm(['model', 'quantize', folder, '--dtype', 'fp16', '--cost', '--sample', '1000'])
    const isAsked = new Promise<void>((resolve) => {
      run.child.stderr.on('data', (text: string) => / samples\n/.test(text) && resolve())
    })
    await Promise.race([isAsked, run.ended])
    run.child.kill('SIGINT')
    const {stderr, code} = await run.ended
    expect(code).toBe(130)
    expect(stderr).toContain('the graphs are written, their cost is not measured: interrupted')
    expect(stderr).toMatch(/go on with: .*model quantize/)
  })

  it.each([
    [['nowhere'], 'nowhere: no such folder'],
    [['package.json'], 'package.json: no such folder'],
    [['configs'], 'configs holds no float32 graph\n'],
    [['checkpoints/teacher'], 'holds no float32 graph, only onnx/model_fp16.onnx'],
  ])('refuses %j in one line and writes nothing', async (words, message) => {
    const out = join(mkdtempSync(join(tmpdir(), 'slm-quantize-test-')), 'out')
    const {stderr, exitCode} = await quantize(...words, '--dtype', 'q8', '--out', out)
    expect(stderr).toContain(message)
    expect(exitCode).toBe(2)
    expect(existsSync(out)).toBe(false)
  })

  it('refuses a task that it does not know before it writes', async () => {
    const folder = await built()
    const {stderr, exitCode} = await quantize(folder, '--dtype', 'fp16', '--sample-task', 'nope')
    expect(stderr).toContain('there is no task "nope"')
    expect(exitCode).toBe(2)
    expect(readdirSync(join(folder, 'onnx'))).toEqual(['model.onnx'])
  })
})
