import fc from 'fast-check'
import {expect, it} from 'vitest'
import {isInShard, shardOf} from '../../src/config/shard.ts'

it('takes the first four bytes of sha256(id), big-endian, modulo the count', () => {
  // printf 'a' | sha256sum begins ca978112 = 3398926610; 3398926610 mod 4 = 2
  expect(shardOf('a', 4)).toBe(3)
})

it('puts every id into exactly one of n shards', () => {
  fc.assert(
    fc.property(fc.string(), fc.integer({min: 1, max: 12}), (id, count) => {
      const holders = Array.from({length: count}, (_, part) => isInShard(id, {index: part + 1, count}))
      expect(holders.filter(Boolean)).toHaveLength(1)
    }),
  )
})
