import {describe, expect, it} from 'vitest'
import {trainingProgress, trainingResultLines} from '../../src/cli/training-progress.ts'
import type {TrainingEvent} from '../../src/train/training-events.ts'

const ASIDE = {tooLong: 0, bad: 0, cut: 0}
const SPENT = {
  examples: 4800,
  tokens: 123_456,
  flops: 1.5e12,
  teacherFlops: 0,
  drawnTokens: 0,
  drawingFlops: 0,
}
const TIME = {step: 150, stepSeconds: 61, evaluationSeconds: 5, cpuSeconds: 3700, threads: 2}
const FOUND = {loss: 0.5, exact: 0.25, count: 40}

function shown(...events: readonly TrainingEvent[]): string {
  const written: string[] = []
  const stream = {isTTY: false, write: (text: string) => written.push(text) > 0}
  const {onEvent, end} = trainingProgress({stream, nowMs: () => 0})
  for (const event of events) onEvent(event)
  end()
  return written.join('')
}

describe('trainingProgress', () => {
  it('tells of each task what is learned, left out and cut', () => {
    const opened = {
      kind: 'opened',
      parameters: 2_952_192,
      tasks: [
        {
          task: 'codex',
          examples: 10_000,
          inEpoch: 5000,
          aside: {tooLong: 290, bad: 1, cut: 12},
          evaluated: 400,
          evaluatedAside: {...ASIDE, tooLong: 7},
        },
        {
          task: 'squad-mini',
          examples: 3500,
          inEpoch: 3500,
          aside: ASIDE,
          evaluated: 300,
          evaluatedAside: ASIDE,
        },
      ],
      step: 20,
      steps: 100,
    } as const
    expect(shown(opened)).toMatchInlineSnapshot(`
      "2,952,192 parameters
      codex: 10,000 examples, 5,000 in an epoch; 290 too long, left out; 1 that cannot be read, left out; 12 prompts cut
        400 to evaluate; 7 too long, left out
      squad-mini: 3,500 examples
        300 to evaluate
      going on after 20 of 100 steps
      "
    `)
  })

  it('shows the mean of several tasks and each of them, and why training ended', () => {
    const line = {
      kind: 'evaluation',
      step: 40,
      ...FOUND,
      isBest: true,
      tasks: {a: FOUND, b: {...FOUND, exact: 1}},
    } as const
    const end = {kind: 'ended', step: 60, why: 'patience', evaluationsWithoutGain: 2, bestStep: 40} as const
    expect(shown({kind: 'evaluated', line}, {kind: 'ended', line: end})).toMatchInlineSnapshot(`
      "step 40: mean of the tasks: loss 0.500, 25.0% of 40 answers exact (best so far)
        a: loss 0.500, 25.0% of 40 answers exact
        b: loss 0.500, 100.0% of 40 answers exact
      step 60: training ends here, 2 evaluations were no better than that of step 40
      "
    `)
  })
})

describe('trainingResultLines', () => {
  it('says what was spent, and the command that goes on after a stop', () => {
    const stopped = {
      status: 'stopped',
      why: 'budget',
      step: 150,
      steps: 600,
      spent: SPENT,
      time: TIME,
    } as const
    expect(trainingResultLines('models/x', stopped, 'slm model train --config x.yaml')).toEqual([
      'models/x: stopped after 150 of 600 steps, saved; 4,800 examples, 123,456 tokens, 1.50e+12 FLOPs, 1:01 of steps (1:01:40 of processors)',
      'go on with: slm model train --config x.yaml',
    ])
  })
})
