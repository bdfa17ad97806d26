import {existsSync} from 'node:fs'
import {join} from 'node:path'
import {fileURLToPath} from 'node:url'
import {describe, expect, it} from 'vitest'
import ModelTrain from '../../src/commands/model/train.ts'
import {quietly} from '../onnx/quietly.ts'
import {bytesOfTraining} from '../train/bytes-of-training.ts'
import {ENC_DEC_NETWORK, tinyTraining} from '../train/tiny-task.ts'
import {grown, slm} from './slm-process.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const attempt = (...flags: string[]) => quietly(() => ModelTrain.run(flags, root))

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
    expect(bytesOfTraining(killed!)).toEqual(bytesOfTraining(whole!))
  })

  it('shows speed and time left, and says what it wrote', async () => {
    const {folder, config} = tinyTraining(ENC_DEC_NETWORK, {steps: 2})
    const {result, stderr} = await attempt('--config', config, '--out', join(folder, 'out'))
    expect(stderr).toMatch(/step 2\/2, loss [\d.]+, \d+ tokens\/s, [\d.]+ GFLOP\/s, 0:00 left/)
    expect(result).toMatchObject({steps: 2, best: {step: 2}})
    expect(result).toHaveProperty('files', expect.arrayContaining(['onnx/encoder_model.onnx', 'README.md']))
  })

  it('stops in order where it was told to, with exit 0 and the command that goes on', async () => {
    const {folder, config} = tinyTraining(ENC_DEC_NETWORK, {steps: 4})
    const [whole, pieces] = ['whole', 'pieces'].map((name) => join(folder, name))
    await attempt('--config', config, '--out', whole!)
    const first = await attempt('--config', config, '--out', pieces!, '--stop-after', '3')
    expect(first.exitCode).toBe(0)
    expect(first.result).toMatchObject({status: 'stopped', why: 'steps', step: 3, steps: 4})
    expect(first.printed).toMatch(/stopped after 3 of 4 steps, saved; .*\ngo on with: .+/)
    expect(existsSync(join(pieces!, 'config.json'))).toBe(false)
    const last = await attempt('--config', config, '--out', pieces!, '--budget', '1h')
    expect(last.result).toMatchObject({status: 'complete', steps: 4})
    expect(bytesOfTraining(pieces!)).toEqual(bytesOfTraining(whole!))
  })

  it('takes one step at least within any budget, and names a budget that it cannot read', async () => {
    const {folder, config} = tinyTraining(ENC_DEC_NETWORK, {steps: 4})
    const {result} = await attempt('--config', config, '--out', join(folder, 'out'), '--budget', '0.001s')
    expect(result).toMatchObject({status: 'stopped', why: 'budget', step: 1})
    const {stderr} = await attempt('--config', config, '--out', join(folder, 'other'), '--budget', 'soon')
    expect(stderr).toContain('--budget must be a time such as 90s, 30m or 8h, got soon')
  })

  it('names an unknown key of the configuration by its line', async () => {
    const {config} = tinyTraining(ENC_DEC_NETWORK, {stepz: 3})
    const {stderr, exitCode} = await attempt('--config', config)
    expect(exitCode).toBe(2)
    expect(stderr).toMatch(/train\.yaml:\d+: unknown key stepz/)
  })
})
