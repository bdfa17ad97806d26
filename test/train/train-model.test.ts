import {readFileSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {describe, expect, it} from 'vitest'
import {readConfig} from '../../src/config/read-config.ts'
import {trainConfigSchema} from '../../src/config/train-config.ts'
import {checkpointParameters} from '../../src/engine/checkpoint-parameters.ts'
import {openModel} from '../../src/engine/open-model.ts'
import {trainModel} from '../../src/train/train-model.ts'
import type {OnTrainingEvent} from '../../src/train/training-events.ts'
import {bytesOfTraining} from './bytes-of-training.ts'
import {DEC_ONLY_NETWORK, ENC_DEC_NETWORK, tinyTraining} from './tiny-task.ts'

async function train(config: string, out: string, onEvent: OnTrainingEvent = () => {}, signal?: AbortSignal) {
  const {value} = await readConfig(trainConfigSchema, {file: config, flags: {}})
  const clocks = {nowMs: () => performance.now(), cpuMs: () => 0}
  const result = await trainModel(value, {out, threads: 1, ...clocks, onEvent, signal})
  if (result.status !== 'complete') throw new Error('nothing asked it to stop')
  return result
}

/** Trains, stopping softly after each of the given steps. */
async function trainInPieces(config: string, out: string, stops: readonly number[]): Promise<void> {
  for (const stop of stops) {
    const control = new AbortController()
    const onEvent: OnTrainingEvent = (event) => {
      if (event.kind === 'step' && event.step === stop) control.abort()
    }
    await expect(train(config, out, onEvent, control.signal)).rejects.toMatchObject({
      code: 'interrupted',
      exit: 130,
    })
  }
  await train(config, out)
}

describe('trainModel', () => {
  it.each([
    ['enc-dec', ENC_DEC_NETWORK],
    ['dec-only', DEC_ONLY_NETWORK],
  ])('gives the same bytes when it was stopped and repeated: %s', async (_, network) => {
    const more = {evaluation: {everySteps: 5, limit: 16}, accumulate: 2, sourceLoss: 0.2}
    const {folder, config} = tinyTraining(network, more)
    await train(config, join(folder, 'whole'))
    await trainInPieces(config, join(folder, 'pieces'), [3, 4, 11])
    expect(bytesOfTraining(join(folder, 'pieces'))).toEqual(bytesOfTraining(join(folder, 'whole')))
  })

  it('learns, and writes a checkpoint that says how it came about and that the engine opens', async () => {
    const {folder, config} = tinyTraining(ENC_DEC_NETWORK, {
      steps: 150,
      saveEvery: 1000,
      evaluation: {everySteps: 75},
      optimizer: {learningRate: 0.02, otherLearningRate: 0.01, warmUpSteps: 10},
    })
    const out = join(folder, 'out')
    const {best, parameters} = await train(config, out)
    expect(best.exact).toBeGreaterThan(0.5)
    const {slm} = JSON.parse(readFileSync(join(out, 'config.json'), 'utf8'))
    expect(slm).toMatchObject({untrained: false, training: 'seq2seq', parameters, step: best.step})
    expect(readFileSync(join(out, 'training', 'loss.svg'), 'utf8')).toContain('<path d="M')
    expect(await checkpointParameters(out, 'fp32')).toBe(parameters)
    const model = await openModel({folder: out, name: 'tiny', threads: 1})
    const state = await model.prefill([[1, 3 + 97, 3 + 98, 3 + 62]])
    expect(state.logits.every(Number.isFinite)).toBe(true)
    state.close()
    await model.close()
  })

  it('learns from a teacher with the same tokenizer, and refuses one with another', async () => {
    const {folder, config} = tinyTraining(DEC_ONLY_NETWORK, {steps: 4, isTeacher: true})
    const teacher = join(folder, 'teacher')
    await train(config, teacher)
    const distillation = {teacher, alpha: 0.9, temperature: 2}
    const student = tinyTraining(ENC_DEC_NETWORK, {steps: 4, distillation})
    await train(student.config, join(folder, 'student'))
    const read = (out: string) => JSON.parse(readFileSync(join(folder, out, 'config.json'), 'utf8')).slm
    expect(read('teacher')).toMatchObject({training: 'teacher'})
    expect(read('student')).toMatchObject({training: 'kd', split: {encoderLayers: 1, decoderLayers: 1}})
    const settings = join(teacher, 'tokenizer_config.json')
    writeFileSync(settings, readFileSync(settings, 'utf8').replace('"</s>"', '"<s>"'))
    await expect(train(student.config, join(folder, 'other'))).rejects.toMatchObject({
      code: 'teacher-unsuitable',
    })
  })

  it('refuses to go on with another configuration', async () => {
    const {folder, config} = tinyTraining(ENC_DEC_NETWORK, {steps: 2})
    const other = tinyTraining(DEC_ONLY_NETWORK, {steps: 3})
    await train(config, join(folder, 'out'))
    await expect(train(other.config, join(folder, 'out'))).rejects.toMatchObject({code: 'train-plan-changed'})
  })
})
