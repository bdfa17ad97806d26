import {createHash} from 'node:crypto'

/** One of `count` parts of a task's rows; `index` is 1-based, as in Playwright, vitest and jest. */
export interface Shard {
  readonly index: number
  readonly count: number
}

/** The 1-based shard that holds the sample: the first four bytes of sha256(id), modulo the count. It depends on nothing but the id. */
export function shardOf(id: string, count: number): number {
  return (createHash('sha256').update(id).digest().readUInt32BE(0) % count) + 1
}

/** True when the sample belongs to the shard; without a shard every sample does. */
export function isInShard(id: string, shard: Shard | undefined): boolean {
  return shard === undefined || shard.count === 1 || shardOf(id, shard.count) === shard.index
}
