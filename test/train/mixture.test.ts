import fc from 'fast-check'
import {describe, expect, it} from 'vitest'
import {epochExamples, rowsPerEpoch} from '../../src/train/mixture.ts'

/** Tasks of so many rows; each row's source tells task and place. */
function tasksOf(sizes: readonly number[]) {
  return sizes.map((size, task) => ({
    task: `task-${task}`,
    examples: Array.from({length: size}, (_, row) => ({source: [task, row], target: [2]})),
    tooLong: 0,
    bad: 0,
    cut: 0,
  }))
}

describe('rowsPerEpoch', () => {
  it('gives each task its rows, or so many times its rows', () => {
    expect(rowsPerEpoch(tasksOf([10, 4]), {repeat: {'task-1': 2.5}})).toEqual([10, 10])
  })

  it('divides an epoch of all rows by the parts that are asked for', () => {
    expect(rowsPerEpoch(tasksOf([30, 6, 4]), {repeat: {}, mix: {'task-0': 2}})).toEqual([20, 10, 10])
  })

  it('refuses two ways of mixing at once', () => {
    expect(() => rowsPerEpoch(tasksOf([3]), {repeat: {'task-0': 2}, mix: {'task-0': 1}})).toThrow(
      'both repeat and mix',
    )
  })
})

describe('epochExamples', () => {
  it('shows every row of a task equally often over the epochs, once at most more', () => {
    fc.assert(
      fc.property(
        fc.integer({min: 1, max: 12}),
        fc.integer({min: 1, max: 30}),
        fc.integer({min: 1, max: 6}),
        (size, rows, epochs) => {
          const of = epochExamples(tasksOf([size]), [rows], 1)
          const seen = new Map<number, number>()
          for (let epoch = 0; epoch < epochs; epoch++)
            for (const {source} of of(epoch)) seen.set(source[1]!, (seen.get(source[1]!) ?? 0) + 1)
          const counts = Array.from({length: size}, (_, row) => seen.get(row) ?? 0)
          expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(1)
        },
      ),
    )
  })

  it('gives an epoch the same rows whichever was asked for before', () => {
    const of = () => epochExamples(tasksOf([7, 5]), [3, 5], 4)
    const late = of()
    late(5)
    expect(late(2)).toEqual(of()(2))
  })
})
