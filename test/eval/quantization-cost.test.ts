import {mkdtempSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {fileURLToPath} from 'node:url'
import {describe, expect, it} from 'vitest'
import {quantizationLines} from '../../src/cli/quantization-lines.ts'
import {costOf, sampleTaskOf} from '../../src/eval/quantization-cost.ts'
import type {ScoredRecord} from '../../src/store/record.ts'
import {fixtureFolder} from '../engine/checkpoint-fixture.ts'

const answers = (
  ...rows: readonly (readonly [readonly number[], number | undefined])[]
): Map<string, ScoredRecord> =>
  new Map(
    rows.map(([newIds, rougeL], index) => [
      `${index}`,
      {
        status: 'scored',
        task: 't',
        id: `${index}`,
        index,
        prompt: '',
        promptIds: [1],
        newIds,
        text: '',
        answer: '',
        references: ['a'],
        scores: rougeL === undefined ? {} : {rougeL},
        finish: 'end-token',
        truncatedTokens: 0,
        timing: {firstTokenMs: 0, totalMs: 0},
      },
    ]),
  )

describe('the cost of a small form', () => {
  it('is the difference on the same samples, and where the tokens part', () => {
    const cost = costOf(
      'q8',
      't',
      answers([[1, 2, 3], 0.5], [[4, 5], 1]),
      answers([[1, 9, 3], 0.25], [[4, 5], 1]),
    )
    expect(cost).toMatchObject({samples: 2, equalAnswers: 1, tokens: {agreed: 3, of: 5}})
    expect(cost.rougeL).toMatchObject({
      whole: {value: 0.75, count: 2},
      small: {value: 0.625},
      difference: {value: -0.125, low: -0.25, high: 0, count: 2},
    })
  })

  it('is nothing between equal answers, and leaves out what only one of them has', () => {
    const whole = answers([[1, 2], 0.5], [[3], 0.5])
    const cost = costOf('fp16', 't', whole, answers([[1, 2], 0.5]))
    expect(cost).toMatchObject({
      samples: 1,
      equalAnswers: 1,
      rougeL: {difference: {value: 0, low: 0, high: 0}},
    })
  })

  it('says so where no sample has a ROUGE-L', () => {
    const cost = costOf('q4', 't', answers([[1], undefined]), answers([[1], undefined]))
    expect(quantizationLines([cost])).toEqual([
      'q4 against fp32 on 1 samples of t:',
      '  ROUGE-L: none, no sample of the task has a ROUGE-L',
      '  1 of 1 answers have the same tokens; 1 of 1 tokens of the fp32 answers come before the first that differs (100.0%)',
    ])
  })

  it('prints values, difference and intervals with their signs', () => {
    const cost = costOf('q8', 't', answers([[1], 0.5]), answers([[1], 0.75]))
    expect(quantizationLines([cost])[1]).toBe(
      '  ROUGE-L fp32 0.5000 [0.5000, 0.5000], q8 0.7500 [0.7500, 0.7500], difference +0.2500 [+0.2500, +0.2500]',
    )
  })
})

describe('the task of the sample', () => {
  it('is a miniature where the checkpoint does not say what it was trained on', async () => {
    expect(await sampleTaskOf(fixtureFolder('gpt2'))).toBe('xsum-mini')
  })

  it('is the first known task that the checkpoint was trained on, in the order of its training', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'slm-cost-'))
    const slm = {untrained: false, tasks: ['mine/other.yaml', 'squad-mini', 'codex']}
    writeFileSync(join(folder, 'config.json'), JSON.stringify({model_type: 't5', slm}))
    expect(await sampleTaskOf(folder)).toBe('squad-mini')
  })

  it('is none for untrained weights', async () => {
    const demo = fileURLToPath(new URL('../../checkpoints/demo-enc-dec/', import.meta.url))
    expect(await sampleTaskOf(demo)).toBeUndefined()
  })
})
