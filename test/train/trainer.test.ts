import {describe, expect, it} from 'vitest'
import {toBatch} from '../../src/train/batch.ts'
import {initialWeights} from '../../src/train/initial-weights.ts'
import type {Distillation} from '../../src/train/loss.ts'
import {Trainer} from '../../src/train/trainer.ts'
import {trainingGraph} from '../../src/train/training-graph.ts'
import {EXAMPLES, graphOptions, lossInputs, SHAPES, smallBatch} from './small-training.ts'

const OPTIMIZER = {
  kind: 'muon',
  learningRate: 0.02,
  otherLearningRate: 0.01,
  weightDecay: 0.01,
  beta1: 0.9,
  beta2: 0.95,
  clip: 1,
} as const

function open(name: string, threads = 1, distillation?: Distillation) {
  const shape = SHAPES[name]!
  const {parameters} = trainingGraph(graphOptions(shape))
  const loss = {zLoss: 1e-4, distillation}
  return Trainer.open(
    {shape, loss, optimizer: OPTIMIZER, threads, nowMs: () => 0},
    initialWeights(shape, parameters, 3),
  )
}

describe('Trainer', () => {
  it.each(['encoder-decoder, recipe', 'decoder-only, recipe'])(
    'learns one batch by heart: %s',
    async (name) => {
      const trainer = await open(name)
      const batch = smallBatch(SHAPES[name]!)
      let last = Number.POSITIVE_INFINITY
      const first = await trainer.step([{batch}], 1, 1)
      for (let step = 2; step <= 90; step++) last = (await trainer.step([{batch}], step, 1)).targetLoss
      await trainer.close()
      // Zero outputs: every token is as likely as any other, but for the tied embedding's own noise.
      expect(first.targetLoss).toBeCloseTo(Math.log(23), 0)
      expect(last).toBeLessThan(0.05)
    },
  )

  it('gives two half batches the gradient of the whole one', async () => {
    const shape = SHAPES['decoder-only, recipe']!
    const options = {isEncoderDecoder: false, rows: 4, beginToken: 1, padToken: 0, sourceWeight: 0.2}
    const whole = await open('decoder-only, recipe')
    const halves = await open('decoder-only, recipe')
    const one = await whole.step([{batch: smallBatch(shape)}], 1, 1)
    const parts = [EXAMPLES.slice(0, 2), EXAMPLES.slice(2)].map((part) => ({batch: toBatch(part, options)}))
    const two = await halves.step(parts, 1, 1)
    await Promise.all([whole.close(), halves.close()])
    expect(two.loss).toBeCloseTo(one.loss, 5)
    expect(two.targetLoss).toBeCloseTo(one.targetLoss, 5)
    expect(two.gradientLength).toBeCloseTo(one.gradientLength, 5)
    expect(two.tokens).toBe(one.tokens)
  })

  it.each(['encoder-decoder, recipe', 'decoder-only, recipe'])(
    'learns from answers in two parts, for the labels and for the teacher, what it learns from both at once: %s',
    async (name) => {
      const batch = smallBatch(SHAPES[name]!)
      const inputs = lossInputs(batch, 23)
      const [logits, rows] = [inputs['teacher_logits']!, inputs['teacher_rows']!.data as BigInt64Array] // int64
      const judge = () => Promise.resolve({logits, rows})
      const distillation = {alpha: 0.7, temperature: 2}
      const [whole, parts] = [await open(name, 1, distillation), await open(name, 1, distillation)]
      const one = await whole.step([{batch, judge}], 1, 1)
      const two = await parts.step([{batch}, {batch, judge, isDrawn: true}], 1, 1)
      await Promise.all([whole.close(), parts.close()])
      expect(two.loss).toBeCloseTo(one.loss, 5)
      expect(two.targetLoss).toBeCloseTo(one.targetLoss, 5)
      expect(two.teacherLoss).toBeCloseTo(one.teacherLoss!, 5)
      expect(two.gradientLength).toBeCloseTo(one.gradientLength, 5)
      expect(two.tokens).toBe(one.tokens)
    },
  )

  it.each([1, 2])('gives equal bytes twice at %i threads', async (threads) => {
    const twice = await Promise.all(
      [1, 2].map(async () => {
        const trainer = await open('encoder-decoder, recipe', threads)
        const batch = smallBatch(SHAPES['encoder-decoder, recipe']!)
        for (let step = 1; step <= 5; step++) await trainer.step([{batch}], step, 1)
        await trainer.close()
        return trainer.state
      }),
    )
    expect(twice[0]).toEqual(twice[1])
  })
})
