import {setTimeout} from 'node:timers/promises'
import {expect, it} from 'vitest'
import {mapInParallel} from '../../src/judge/parallel.ts'

const {signal} = new AbortController()

it('gives the results in the order of the items, with no more under way than told', async () => {
  let running = 0
  let most = 0
  const doubled = await mapInParallel([5, 1, 3, 2], {parallel: 2, signal}, async (item) => {
    running += 1
    most = Math.max(most, running)
    await setTimeout(item)
    running -= 1
    return 2 * item
  })
  expect(doubled).toEqual([10, 2, 6, 4])
  expect(most).toBe(2)
})

it('begins nothing after an error, and ends what is under way before it throws', async () => {
  const begun: number[] = []
  const ended: number[] = []
  const mapped = mapInParallel([0, 1, 2, 3], {parallel: 2, signal}, async (item) => {
    begun.push(item)
    if (item === 0) throw new Error('the first')
    await setTimeout(5)
    ended.push(item)
  })
  await expect(mapped).rejects.toThrow('the first')
  expect(begun).toEqual([0, 1])
  expect(ended).toEqual([1])
})
