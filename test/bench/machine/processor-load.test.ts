import {cpus} from 'node:os'
import {expect, it} from 'vitest'
import {otherLoad} from '../../../src/bench/machine/processor-load.ts'
import {isBusy} from '../../../src/bench/measure-sample.ts'

const PROCESSORS = Math.max(1, cpus().length)
const NEVER = {busyMs: 0, totalMs: 0}
/** A second of every processor, a quarter of it in use. */
const SECOND = {busyMs: 250 * PROCESSORS, totalMs: 1000 * PROCESSORS}

it('leaves out what this program and the measured one used', () => {
  expect(otherLoad(NEVER, SECOND, 0)).toBe(0.25)
  expect(otherLoad(NEVER, SECOND, 150 * PROCESSORS)).toBe(0.1)
  expect(otherLoad(NEVER, SECOND, 300 * PROCESSORS)).toBe(0)
})

it('says that a span is too short instead of 0', () => {
  const short = {busyMs: 10 * PROCESSORS, totalMs: 190 * PROCESSORS}
  expect(otherLoad(NEVER, short, 0)).toEqual({
    missing: 'the span is too short for the clock that counts processor time',
  })
})

it('calls a machine busy above 5% in other hands, and not where nobody knows', () => {
  expect([0.04, 0.05, 0.06, 1].map(isBusy)).toEqual([false, false, true, true])
  expect(isBusy({missing: 'the span is too short'})).toBe(false)
})
