import {describe, expect, it} from 'vitest'
import {parse} from 'yaml'
import {readConfig} from '../../src/config/read-config.ts'
import {reproduceConfigSchema} from '../../src/config/reproduce-config.ts'
import {trainConfigSchema} from '../../src/config/train-config.ts'
import {planSteps} from '../../src/reproduce/plan-steps.ts'
import {shapeFor} from '../../src/train/plan-training.ts'
import {tinyReproduction} from './tiny-reproduction.ts'

const VOCABULARY = 4096

async function planned(file: string, flags: Readonly<Record<string, unknown>> = {}) {
  const {value} = await readConfig(reproduceConfigSchema, {file, flags})
  return planSteps(value)
}
const miniature = 'configs/reproduce/miniature.yaml'

function nonEmbedding(config: unknown): number {
  const shape = shapeFor(trainConfigSchema.parse(config), VOCABULARY)
  const perLayer = (cross: number): number =>
    (4 + 4 * cross) * shape.width * shape.heads * shape.headSize + 2 * shape.width * shape.feedForward
  const hasEncoder = shape.encoderLayers > 0 ? 1 : 0
  return shape.encoderLayers * perLayer(0) + shape.decoderLayers * perLayer(hasEncoder)
}

describe('the plan of a reproduction', () => {
  it('does a step only after those that it reads', async () => {
    const steps = await planned(tinyReproduction({seeds: 2}).config)
    const ids = steps.map(({id}) => id)
    for (const [at, {needs}] of steps.entries())
      for (const id of needs) expect(ids.indexOf(id)).toBeLessThan(at)
  })

  it('trains the teacher once, and every cell with every seed, whole seeds first', async () => {
    const steps = await planned(tinyReproduction({seeds: 2}).config)
    expect(steps.filter(({kind}) => kind === 'training' || kind === 'teacher').map(({id}) => id)).toEqual([
      'teacher',
      'seed-1/dec-only-seq2seq',
      'seed-1/dec-only-kd',
      'seed-1/enc-dec-1-1-seq2seq',
      'seed-1/enc-dec-1-1-kd',
      'seed-2/dec-only-seq2seq',
      'seed-2/dec-only-kd',
      'seed-2/enc-dec-1-1-seq2seq',
      'seed-2/enc-dec-1-1-kd',
    ])
  })

  it('writes a configuration that the trainer takes, teacher and seed in it', async () => {
    const {config, out} = tinyReproduction({seeds: 2})
    const step = (await planned(config)).find(({id}) => id === 'seed-2/enc-dec-1-1-kd')
    const written = trainConfigSchema.parse(parse(step?.configFile?.text ?? ''))
    expect(written).toMatchObject({
      seed: 2,
      steps: 8,
      out: `${out}/seed-2/enc-dec-1-1-kd`,
      tokenizer: `${out}/tokenizer`,
      distillation: {teacher: `${out}/teacher`, alpha: 0.9, temperature: 1},
      network: {arch: 'enc-dec', encoderLayers: 1, decoderLayers: 1},
    })
  })

  it('gives only the decoder-only network the loss on its prompt', async () => {
    const steps = await planned(tinyReproduction().config)
    const sourceLossOf = (id: string): unknown =>
      steps.find((step) => step.id === id)?.training?.config['sourceLoss']
    expect(sourceLossOf('seed-1/dec-only-seq2seq')).toBe(0.2)
    expect(sourceLossOf('seed-1/enc-dec-1-1-seq2seq')).toBeUndefined()
  })

  it('keeps the settings of a step where only threads, jobs or other cells change', async () => {
    const {config} = tinyReproduction()
    const settings = async (flags: Readonly<Record<string, unknown>>): Promise<readonly string[]> =>
      (await planned(config, flags)).map((step) => step.settings)
    const one = await settings({})
    expect(await settings({threads: 4, jobs: 2})).toEqual(one)
    expect((await settings({seeds: 3})).slice(0, one.length)).toEqual(one)
  })

  it('changes what follows from the tokenizer when the tokenizer changes', async () => {
    const {config, out} = tinyReproduction()
    const changed = tinyReproduction({tokenizer: {size: 270}, out})
    const [before, after] = [await planned(config), await planned(changed.config)]
    for (const [at, {settings}] of before.entries()) expect(after[at]?.settings).not.toBe(settings)
  })

  it('rounds the weights that are scored and shipped, without paying for an evaluation of its own', async () => {
    const {config, out} = tinyReproduction({test: {dtype: 'int8'}, ship: 'shipped'})
    const rounded = (await planned(config)).filter(({kind}) => kind === 'weights')
    const words = await Promise.all(rounded.map((step) => step.words()))
    const folder = `${out}/seed-1/enc-dec-1-1-kd`
    expect(words).toContainEqual(['model', 'quantize', folder, '--dtype', 'q8', '--no-cost'])
    expect(words).toContainEqual(['model', 'quantize', folder, '--dtype', 'int8', '--no-cost'])
    expect(rounded.find(({id}) => id === 'seed-1/enc-dec-1-1-kd/q8')?.outputs).toEqual([
      `${folder}/onnx/encoder_model_q8.onnx`,
    ])
    expect(rounded.find(({id}) => id === 'seed-1/dec-only-kd/q8')?.outputs).toEqual([
      `${out}/seed-1/dec-only-kd/onnx/model_q8.onnx`,
    ])
  })

  it('refuses data of a task that is not learned', async () => {
    const {config} = tinyReproduction({make: {'xsum-mini': {rows: 10}}})
    await expect(planned(config)).rejects.toMatchObject({code: 'config-invalid'})
  })

  it('refuses a size that no network has', async () => {
    await expect(planned(tinyReproduction().config, {sizes: 's,m'})).rejects.toMatchObject({
      code: 'config-invalid',
    })
  })
})

describe('configs/reproduce/miniature.yaml', () => {
  it('compares networks of equal size within 1%, in each of three sizes', async () => {
    const steps = await planned(miniature, {sizes: 's,m,l', seeds: 1})
    for (const size of ['s-', '', 'l-']) {
      const counts = steps
        .filter(({id, kind}) => kind === 'training' && id.startsWith(`seed-1/${size}`))
        .filter(({id}) => size !== '' || !/\/[sl]-/.test(id))
        .map(({training}) => nonEmbedding(training?.config))
      expect(counts.length).toBeGreaterThan(1)
      expect(Math.max(...counts) / Math.min(...counts)).toBeLessThan(1.01)
    }
  })

  it('has the cells of Table 1', async () => {
    const steps = await planned(miniature, {seeds: 1})
    const cells = steps.filter(({kind}) => kind === 'training').map(({training}) => training?.cell)
    const models = ['dec-only', 'enc-dec-2-4', 'enc-dec-3-3', 'enc-dec-4-2']
    expect(cells).toEqual(models.flatMap((model) => [`${model}-seq2seq`, `${model}-kd`]))
  })
})
