import {existsSync, readFileSync, writeFileSync} from 'node:fs'
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

  it('evaluates each task by itself and chooses the best by the mean of them', async () => {
    const {folder, config} = tinyTraining(ENC_DEC_NETWORK, (at) => ({
      tasks: [join(at, 'task.yaml'), join(at, 'copy.yaml')],
      mix: {backwards: 3, copy: 1},
      evaluation: {everySteps: 6, data: {copy: join(at, 'train.jsonl')}},
      curriculum: {steps: 3, data: {copy: join(at, 'dev.jsonl')}},
    }))
    const opened: unknown[] = []
    const result = await train(config, join(folder, 'out'), (event) => {
      if (event.kind === 'opened') opened.push(...event.tasks)
    })
    expect(opened).toMatchObject([
      {task: 'backwards', examples: 48, inEpoch: 72, evaluated: 24},
      {task: 'copy', examples: 48, inEpoch: 24, evaluated: 48},
    ])
    const {backwards, copy} = result.best.tasks
    expect(result.best.count).toBe(72)
    expect(result.best.loss).toBeCloseTo((backwards!.loss + copy!.loss) / 2, 6)
    await trainInPieces(config, join(folder, 'pieces'), [2, 5])
    expect(bytesOfTraining(join(folder, 'pieces'))).toEqual(bytesOfTraining(join(folder, 'out')))
  })

  it('ends after as many evaluations without a better one as patience allows, also after a stop', async () => {
    const {folder, config} = tinyTraining(ENC_DEC_NETWORK, {
      steps: 40,
      // Nothing is learned at this rate, so the share of exact answers stays 0.
      optimizer: {learningRate: 1e-9, otherLearningRate: 1e-9},
      evaluation: {everySteps: 2, limit: 8, best: 'exact', patience: 3},
    })
    const ends: unknown[] = []
    const {steps, best} = await train(config, join(folder, 'out'), (event) => {
      if (event.kind === 'ended') ends.push(event.line)
    })
    expect({steps, best: best.step}).toEqual({steps: 8, best: 2})
    expect(ends).toEqual([{kind: 'ended', step: 8, why: 'patience', evaluationsWithoutGain: 3, bestStep: 2}])
    await trainInPieces(config, join(folder, 'pieces'), [5, 7])
    expect(bytesOfTraining(join(folder, 'pieces'))).toEqual(bytesOfTraining(join(folder, 'out')))
    expect((await train(config, join(folder, 'out'))).steps).toBe(8)
  })

  it('says in config.json and README.md what it cost', async () => {
    const {folder, config} = tinyTraining(DEC_ONLY_NETWORK, {steps: 3, accumulate: 2})
    const out = join(folder, 'out')
    const {spent} = await train(config, out)
    expect(spent).toMatchObject({examples: 3 * 2 * 8, drawnTokens: 0, teacherFlops: 0})
    const {slm} = JSON.parse(readFileSync(join(out, 'config.json'), 'utf8'))
    expect(slm).toMatchObject({steps: 3, spent, evaluation: {tasks: {backwards: {count: 24}}}})
    const card = readFileSync(join(out, 'README.md'), 'utf8')
    expect(card).toContain('| examples | 48 |')
    expect(card).toContain(`| FLOPs of the matrix products | ${spent.flops.toExponential(3)} |`)
  })
})

describe('distillation from answers that the student draws', () => {
  it.each([
    ['enc-dec', ENC_DEC_NETWORK],
    ['dec-only', DEC_ONLY_NETWORK],
  ])('gives the same bytes when it was stopped inside a window of drawn answers: %s', async (_, network) => {
    const first = tinyTraining(DEC_ONLY_NETWORK, {steps: 2, isTeacher: true})
    const teacher = join(first.folder, 'teacher')
    await train(first.config, teacher)
    const sampling = {refreshEvery: 3, startStep: 2, maxTokens: 6}
    const distillation = {teacher, targets: 'on-policy', sampling}
    const more = {steps: 9, saveEvery: 4, accumulate: 2, batchSize: 4, distillation}
    const {folder, config} = tinyTraining(network, more)
    const {spent} = await train(config, join(folder, 'whole'))
    await trainInPieces(config, join(folder, 'pieces'), [1, 4, 6])
    expect(bytesOfTraining(join(folder, 'pieces'))).toEqual(bytesOfTraining(join(folder, 'whole')))
    // Seven steps of eight rows, of 1 to 6 tokens each.
    expect(spent.drawnTokens).toBeGreaterThanOrEqual(56)
    expect(spent.drawnTokens).toBeLessThanOrEqual(336)
    expect(spent.teacherFlops).toBeGreaterThan(0)
    expect(existsSync(join(folder, 'whole', 'training', 'student'))).toBe(false)
  })
})
