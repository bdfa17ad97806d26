import {readdirSync, readFileSync, statSync} from 'node:fs'
import {join} from 'node:path'
import {fileURLToPath} from 'node:url'
import {describe, expect, it} from 'vitest'
import ModelTrain from '../../src/commands/model/train.ts'
import {quietly} from '../onnx/quietly.ts'
import {ENC_DEC_NETWORK, tinyTraining} from '../train/tiny-task.ts'
import {grown, slm} from './slm-process.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const attempt = (...flags: string[]) => quietly(() => ModelTrain.run(flags, root))

/** Every file but what measures time and the lock of a killed process, as text by path. */
function bytesOf(folder: string): Record<string, string> {
  const names = readdirSync(folder, {recursive: true, encoding: 'utf8'}).filter((name) =>
    statSync(join(folder, name)).isFile(),
  )
  return Object.fromEntries(
    names
      .filter((name) => !name.endsWith('lock') && !name.endsWith('.part'))
      .sort()
      .map((name) => [
        name,
        readFileSync(join(folder, name), 'latin1').replaceAll(/,"timing":\{[^}]*\}/g, ''),
      ]),
  )
}

describe('slm model train', () => {
  it('goes on after kill -9 to the bytes of an undisturbed training', async () => {
    const {folder, config} = tinyTraining(ENC_DEC_NETWORK, {
      steps: 80,
      saveEvery: 7,
      evaluation: {everySteps: 20, limit: 8},
    })
    const [whole, killed] = ['whole', 'killed'].map((name) => join(folder, name))
    await attempt('--config', config, '--out', whole!)
    const first = slm(['model', 'train', '--config', config, '--out', killed!])
    // A log of some 30 lines: well inside, and most likely between two saved states.
    await grown(join(killed!, 'training', 'log.jsonl'), 6000, first)
    first.child.kill('SIGKILL')
    await first.ended
    const {stderr} = await attempt('--config', config, '--out', killed!)
    expect(stderr).toContain('going on after')
    expect(bytesOf(killed!)).toEqual(bytesOf(whole!))
  })

  it('shows speed and time left, and says what it wrote', async () => {
    const {folder, config} = tinyTraining(ENC_DEC_NETWORK, {steps: 2})
    const {result, stderr} = await attempt('--config', config, '--out', join(folder, 'out'))
    expect(stderr).toMatch(/step 2\/2, loss [\d.]+, \d+ tokens\/s, [\d.]+ GFLOP\/s, 0:00 left/)
    expect(result).toMatchObject({steps: 2, best: {step: 2}})
    expect(result.files).toContain('onnx/encoder_model.onnx')
  })

  it('names an unknown key of the configuration by its line', async () => {
    const {config} = tinyTraining(ENC_DEC_NETWORK, {stepz: 3})
    const {stderr, exitCode} = await attempt('--config', config)
    expect(exitCode).toBe(2)
    expect(stderr).toMatch(/train\.yaml:\d+: unknown key stepz/)
  })
})
