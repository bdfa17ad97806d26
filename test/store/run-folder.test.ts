import {writeFile} from 'node:fs/promises'
import {join} from 'node:path'
import {expect, it} from 'vitest'
import {type Plan, planDigest} from '../../src/store/manifest.ts'
import {findRun, readRecords} from '../../src/store/read-run.ts'
import {openRunFolder} from '../../src/store/run-folder.ts'
import {newFolder, plan, scored} from './sample-runs.ts'

async function written(folder: string, what: Plan = plan): Promise<void> {
  const run = await openRunFolder(folder, what, {machine: {node: '20'}})
  await run.samples.append([scored('first', 0)])
  await run.close()
}

it('goes on in a folder that holds the same plan, and keeps its first manifest', async () => {
  const folder = await newFolder()
  await written(folder)
  const run = await openRunFolder(
    folder,
    {...plan, model: {...plan.model, name: '/elsewhere/tiny'}},
    {machine: {node: '22'}},
  )
  await run.close()
  expect(run.samples.done).toHaveLength(1)
  expect(run.manifest.machine).toEqual({node: '20'})
})

it('refuses a folder that holds another plan and names what differs', async () => {
  const folder = await newFolder()
  await written(folder)
  await expect(openRunFolder(folder, {...plan, seed: 3}, {machine: {}})).rejects.toThrow(
    `${folder} holds another run (seed: 3, there 0)`,
  )
})

it('refuses a folder that holds another shard of the plan', async () => {
  const folder = await newFolder()
  await written(folder, {...plan, shard: {index: 1, count: 2}})
  await expect(openRunFolder(folder, {...plan, shard: {index: 2, count: 2}}, {machine: {}})).rejects.toThrow(
    'shard 2/2, there shard 1/2',
  )
})

it('refuses to write into a folder of something else', async () => {
  const folder = await newFolder()
  await writeFile(join(folder, 'thesis.tex'), '')
  await expect(openRunFolder(folder, plan, {machine: {}})).rejects.toThrow('holds no run (thesis.tex)')
})

it('is not complete before its summary is written', async () => {
  const folder = await newFolder()
  const run = await openRunFolder(folder, plan, {machine: {}})
  expect((await findRun(folder))?.summary).toBeUndefined()
  await run.finish({planDigest: run.manifest.planDigest, tasks: [], notes: []})
  await run.close()
  expect((await findRun(folder))?.summary).toEqual({
    planDigest: run.manifest.planDigest,
    tasks: [],
    notes: [],
  })
})

it('keeps what was measured of the machine beside what was known', async () => {
  const folder = await newFolder()
  const run = await openRunFolder(folder, plan, {machine: {node: '20'}})
  await run.finish({planDigest: run.manifest.planDigest, tasks: [], notes: []}, {peakBytes: 7})
  await run.close()
  expect((await findRun(folder))?.manifest).toEqual({...run.manifest, machine: {node: '20', peakBytes: 7}})
})

it('streams back the records that it was given', async () => {
  const folder = await newFolder()
  await written(folder)
  const records = []
  for await (const record of readRecords(folder)) records.push(record)
  expect(records).toEqual([scored('first', 0)])
})

it('names a plan by what decides the answers, not by paths, shard or key order', () => {
  const elsewhere: Plan = {
    ...plan,
    model: {...plan.model, name: 'other'},
    tasks: plan.tasks.map((task) => ({...task, data: {...task.data, source: '/mnt/x.jsonl'}})),
    shard: {index: 1, count: 2},
  }
  expect(planDigest(elsewhere)).toBe(planDigest(plan))
  expect(planDigest({...plan, versions: {...plan.versions, onnxruntime: '1.31.0'}})).not.toBe(
    planDigest(plan),
  )
})

it('says which file of a damaged run is wrong', async () => {
  const folder = await newFolder()
  await writeFile(join(folder, 'manifest.json'), '{"format": 1')
  await expect(findRun(folder)).rejects.toThrow(`${folder}/manifest.json: is not JSON`)
})

it('says in one line why a folder cannot be made', async () => {
  const folder = await newFolder()
  await writeFile(join(folder, 'file'), '')
  await expect(openRunFolder(join(folder, 'file', 'run'), plan, {machine: {}})).rejects.toMatchObject({
    code: 'run-folder',
    message: `the run folder ${folder}/file/run lies where a file is`,
  })
})
