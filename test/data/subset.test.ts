import {expect, it} from 'vitest'
import {firstOf, seededSample} from '../../src/data/subset.ts'

async function* numbers(count: number): AsyncGenerator<string, void, void> {
  for (let n = 0; n < count; n++) yield String(n)
}
const draw = (count: number, seed: number, from = 5000): Promise<string[]> =>
  seededSample(numbers(from), {count, seed, idOf: (item) => item})

it('takes the first rows and stops reading', async () => {
  const taken: string[] = []
  for await (const item of firstOf(numbers(Number.POSITIVE_INFINITY), 3)) taken.push(item)
  expect(taken).toEqual(['0', '1', '2'])
})

it('draws the same rows for the same seed, in the order of the data', async () => {
  const drawn = await draw(20, 7)
  expect(drawn).toHaveLength(20)
  expect(new Set(drawn).size).toBe(20)
  expect(drawn.map(Number)).toEqual(drawn.map(Number).toSorted((a, b) => a - b))
  expect(await draw(20, 7)).toEqual(drawn)
  expect(await draw(20, 8)).not.toEqual(drawn)
})

it('keeps all rows of a smaller draw in a larger one', async () => {
  const large = new Set(await draw(1200, 1))
  expect((await draw(30, 1)).filter((item) => !large.has(item))).toEqual([])
})

it('gives all rows when there are fewer than asked for', async () => {
  expect(await draw(10, 1, 4)).toEqual(['0', '1', '2', '3'])
})
