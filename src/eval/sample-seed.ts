import {createHash} from 'node:crypto'

/** Seeds one sample's sampling: from the run's seed and the sample's own name, so that neither batch nor shard nor limit moves it. */
export function sampleSeed(seed: number, task: string, id: string): number {
  return createHash('sha256')
    .update(JSON.stringify([seed, task, id]))
    .digest()
    .readUInt32BE(0)
}
