import {existsSync, mkdtempSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {describe, expect, it} from 'vitest'
import {type DrawingOptions, drawAnswers} from '../../src/train/draw-answers.ts'
import {evaluateWeights} from '../../src/train/evaluate-weights.ts'
import {TrainingSession} from '../../src/train/training-session.ts'
import {EXAMPLES, fullWeights, SHAPES} from './small-training.ts'

const QUESTIONS = EXAMPLES.map(({source}, row) => ({source, seed: row + 1}))

function options(name: string, more: Partial<DrawingOptions> = {}): DrawingOptions {
  return {
    folder: join(mkdtempSync(join(tmpdir(), 'slm-draw-')), 'student'),
    shape: SHAPES[name]!,
    tokens: {begin: 1, end: 2, pad: 0},
    temperature: 0.9,
    topK: 128,
    maxNewTokens: 6,
    threads: 1,
    seed: 1,
    ...more,
  }
}

describe.each(['encoder-decoder, recipe', 'decoder-only, recipe'])('drawAnswers of a %s', (name) => {
  const weights = fullWeights(SHAPES[name]!)

  it('gives equal answers to equal seeds, and leaves no files behind', async () => {
    const asked = options(name)
    const first = await drawAnswers(weights, QUESTIONS, asked)
    expect(await drawAnswers(weights, QUESTIONS.toReversed(), options(name))).toEqual(first.toReversed())
    expect(first.every(({length}) => length >= 1 && length <= 6)).toBe(true)
    const others = QUESTIONS.map(({source}, row) => ({source, seed: row + 100}))
    expect(await drawAnswers(weights, others, options(name))).not.toEqual(first)
    expect(existsSync(asked.folder)).toBe(false)
  })

  it('writes the likeliest tokens where only one may be drawn, as the training graph finds them', async () => {
    const answers = await drawAnswers(weights, QUESTIONS, options(name, {topK: 1}))
    const examples = EXAMPLES.map(({source}, row) => ({source, target: answers[row]!}))
    const batch = {
      isEncoderDecoder: name.startsWith('enc'),
      rows: 4,
      beginToken: 1,
      padToken: 0,
      sourceWeight: 0,
    }
    const loss = {zLoss: 0, distillation: undefined}
    const session = new TrainingSession({shape: SHAPES[name]!, loss, results: 'predictions'}, 1)
    expect((await evaluateWeights(examples, weights, session, batch)).exact).toBe(1)
    await session.close()
  })
})
