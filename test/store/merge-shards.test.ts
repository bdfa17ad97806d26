import {readFile} from 'node:fs/promises'
import {join} from 'node:path'
import fc from 'fast-check'
import {expect, it} from 'vitest'
import type {Plan} from '../../src/store/manifest.ts'
import {mergeShards} from '../../src/store/merge-shards.ts'
import type {SampleRecord} from '../../src/store/record.ts'
import {comparePlaces, placeOf} from '../../src/store/record-order.ts'
import {openRunFolder} from '../../src/store/run-folder.ts'
import {failed, newFolder, plan, scored} from './sample-runs.ts'

const inOrder = (records: readonly SampleRecord[]): SampleRecord[] =>
  [...records].sort((a, b) =>
    comparePlaces(placeOf(a, ['first', 'second']), placeOf(b, ['first', 'second']), plan.poolRows),
  )

async function run(records: readonly SampleRecord[], what: Plan = plan, isFinished = true): Promise<string> {
  const folder = await newFolder()
  const writer = await openRunFolder(folder, what, {machine: {}})
  await writer.samples.append(inOrder(records))
  if (isFinished) await writer.finish({planDigest: writer.manifest.planDigest, tasks: [], notes: []})
  await writer.close()
  return folder
}

const shard = (index: number, count: number): Plan => ({...plan, shard: {index, count}})
const bytes = (folder: string): Promise<string> => readFile(join(folder, 'samples.jsonl'), 'utf8')

it('gives the bytes of a whole run for any way of dealing out its samples', async () => {
  const sample = fc.record({
    length: fc.nat({max: 3}),
    shard: fc.nat({max: 2}),
    task: fc.constantFrom('first', 'second'),
  })
  await fc.assert(
    fc.asyncProperty(fc.array(sample, {maxLength: 24}), async (samples) => {
      const records = samples.map(({length, task}, index) =>
        length === 0 ? failed(task, index) : scored(task, index, length),
      )
      const part = (wanted: number): SampleRecord[] =>
        records.filter((_, at) => samples[at]?.shard === wanted)
      const shards = await Promise.all([2, 0, 1].map((at) => run(part(at), shard(at + 1, 3))))
      const out = await newFolder()
      const manifest = await mergeShards(shards, out, {allowPartial: false})
      const undivided = await run(records)
      expect(await bytes(out)).toBe(await bytes(undivided))
      const text = (folder: string) => readFile(join(folder, 'manifest.json'), 'utf8')
      expect(JSON.parse(await text(out))).toEqual({
        ...JSON.parse(await text(undivided)),
        machine: {shards: [{}, {}, {}]},
      })
      expect(manifest.missingShards).toBeUndefined()
    }),
    {numRuns: 15},
  )
})

it('names missing and unfinished shards', async () => {
  const shards = [await run([scored('first', 0)], shard(1, 4)), await run([], shard(3, 4), false)]
  await expect(mergeShards(shards, await newFolder(), {allowPartial: false})).rejects.toThrow(
    `shard 2/4 is missing; shard 4/4 is missing; shard 3/4 (${shards[1]}) is not finished`,
  )
})

it('marks a partial merge with what it went without', async () => {
  const shards = [await run([scored('first', 0)], shard(1, 4)), await run([], shard(3, 4), false)]
  const manifest = await mergeShards(shards, await newFolder(), {allowPartial: true})
  expect(manifest.missingShards).toEqual([2, 3, 4])
})

it('refuses shards of different plans and says what differs', async () => {
  const other: Plan = {...shard(2, 2), seed: 5}
  const shards = [await run([], shard(1, 2)), await run([], other)]
  await expect(mergeShards(shards, await newFolder(), {allowPartial: false})).rejects.toThrow(
    'seed: 5, there 0',
  )
})

it('refuses the same shard twice', async () => {
  const shards = [await run([], shard(1, 2)), await run([], shard(1, 2))]
  await expect(mergeShards(shards, await newFolder(), {allowPartial: false})).rejects.toThrow(
    'both hold shard 1/2',
  )
})

it('refuses a run that is no shard', async () => {
  const whole = await run([])
  await expect(mergeShards([whole], await newFolder(), {allowPartial: false})).rejects.toThrow(
    'is not a shard',
  )
})

it('refuses a sample that stands in two shards', async () => {
  const shards = [await run([scored('first', 0)], shard(1, 2)), await run([scored('first', 0)], shard(2, 2))]
  await expect(mergeShards(shards, await newFolder(), {allowPartial: false})).rejects.toThrow(
    'two shards hold sample 0 of first',
  )
})
