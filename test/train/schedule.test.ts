import fc from 'fast-check'
import {describe, expect, it} from 'vitest'
import {rateFactor} from '../../src/train/schedule.ts'

function factors(steps: number, schedule: Omit<Parameters<typeof rateFactor>[1], 'steps'>): number[] {
  return Array.from({length: steps + 1}, (_, step) => rateFactor(step, {steps, ...schedule}))
}

describe('rateFactor', () => {
  it('rises, stays and falls in a line to reach zero behind the last step', () => {
    const found = factors(10, {warmUpSteps: 2, constantUntil: 0.6, decay: 'linear'})
    const expected = [0.5, 1, 1, 1, 1, 1, 1, 0.75, 0.5, 0.25, 0]
    for (const [step, factor] of found.entries()) expect(factor).toBeCloseTo(expected[step]!, 10)
  })

  it('follows a cosine from the end of the warm-up, as in the paper', () => {
    const found = factors(8, {warmUpSteps: 4, constantUntil: 0, decay: 'cosine'})
    // (1 + cos(pi k / 4)) / 2
    const expected = [0.25, 0.5, 0.75, 1, 1, 0.8535533906, 0.5, 0.1464466094, 0]
    for (const [step, factor] of found.entries()) expect(factor).toBeCloseTo(expected[step]!, 9)
  })

  it('stays between 0 and 1 and never rises after the warm-up, however the schedule is', () => {
    fc.assert(
      fc.property(
        fc.integer({min: 1, max: 60}),
        fc.integer({min: 0, max: 80}),
        fc.double({min: 0, max: 1, noNaN: true}),
        fc.constantFrom('linear', 'cosine'),
        (steps, warmUpSteps, constantUntil, decay) => {
          const found = factors(steps, {warmUpSteps, constantUntil, decay}).slice(0, steps)
          for (const [step, factor] of found.entries()) {
            expect(factor).toBeGreaterThan(0)
            expect(factor).toBeLessThanOrEqual(1)
            if (step > warmUpSteps) expect(factor).toBeLessThanOrEqual(found[step - 1]!)
          }
        },
      ),
    )
  })
})
