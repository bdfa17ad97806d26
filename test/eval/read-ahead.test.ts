import {expect, it} from 'vitest'
import {readAhead} from '../../src/eval/read-ahead.ts'

it('asks for one item more than is in use', async () => {
  const made: number[] = []
  async function* source() {
    for (let item = 0; item < 4; item++) {
      made.push(item)
      yield item
    }
  }
  const seen: number[][] = []
  for await (const item of readAhead(source())) seen.push([item, made.length])
  expect(seen).toEqual([
    [0, 2],
    [1, 3],
    [2, 4],
    [3, 4],
  ])
})

it('fails at the item that failed, not before', async () => {
  async function* source() {
    yield 1
    throw new Error('the second is broken')
  }
  const seen: number[] = []
  const all = async (): Promise<void> => {
    for await (const item of readAhead(source())) seen.push(item)
  }
  await expect(all()).rejects.toThrow('the second is broken')
  expect(seen).toEqual([1])
})

it('closes its source when its reader stops', async () => {
  let isClosed = false
  async function* source() {
    try {
      for (;;) yield 0
    } finally {
      isClosed = true
    }
  }
  for await (const _ of readAhead(source())) break
  expect(isClosed).toBe(true)
})
