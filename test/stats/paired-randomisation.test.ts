import {expect, it} from 'vitest'
import {pairedRandomisation} from '../../src/stats/paired-randomisation.ts'

it('counts a swap as equal whose difference is off by the last bits of the values alone', () => {
  const second = Array.from({length: 25}, (_, index) => [0.1 + index / 37])
  const first = second.map(([value = 0], index) => [index === 3 ? value - 1e-6 : value])
  const value = ([sum = 0]: readonly number[], count: number) => (100 * sum) / count
  // One sample moved: each swap gives the same difference or its negative, so all are as large.
  expect(pairedRandomisation({statistics: first, value}, {statistics: second, value}, {seed: 0}).p).toBe(1)
})
