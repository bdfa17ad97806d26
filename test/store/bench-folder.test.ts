import {readFile, writeFile} from 'node:fs/promises'
import {join} from 'node:path'
import {expect, it} from 'vitest'
import {openBenchFolder} from '../../src/store/bench-folder.ts'
import type {BenchPlan} from '../../src/store/bench-manifest.ts'
import {findRun, readRun} from '../../src/store/read-run.ts'
import {openRunFolder} from '../../src/store/run-folder.ts'
import {newFolder, plan as runPlan} from './sample-runs.ts'

const plan: BenchPlan = {
  models: [
    {
      label: 'a',
      name: './a',
      program: 'slm',
      architecture: 'dec-only',
      dtype: 'fp32',
      digest: 'd'.repeat(64),
      parameters: 1000,
    },
  ],
  settings: ['cached'],
  inputLengths: [8],
  outputLength: 2,
  batchSizes: [1],
  repeats: 1,
  warmUp: 0,
  freshTokens: 64,
  threads: 1,
  seed: 0,
  versions: {slm: '0.1.0'},
}

it('goes on in the folder of the same plan, whatever its models are called by the user', async () => {
  const folder = await newFolder()
  await (await openBenchFolder(folder, plan)).close()
  const renamed = {...plan, models: plan.models.map((model) => ({...model, name: '/elsewhere/a'}))}
  await (await openBenchFolder(folder, renamed)).close()
  expect(JSON.parse(await readFile(join(folder, 'manifest.json'), 'utf8'))).toMatchObject(plan)
})

it('takes more repeats later, and says how many were asked for at most', async () => {
  const folder = await newFolder()
  for (const repeats of [3, 5, 2]) await (await openBenchFolder(folder, {...plan, repeats})).close()
  expect(JSON.parse(await readFile(join(folder, 'manifest.json'), 'utf8')).repeats).toBe(5)
  await expect(openBenchFolder(folder, {...plan, repeats: 9, seed: 1})).rejects.toMatchObject({
    message: `${folder} holds another benchmark; it differs in: seed`,
  })
})

it('is refused for a run of slm eval, and says what it holds', async () => {
  const folder = await newFolder()
  await (await openBenchFolder(folder, plan)).close()
  const refusal = {
    code: 'run-is-bench',
    message: `${folder} holds a benchmark, not a run of slm eval`,
    hint: expect.stringContaining('slm compare --bench'),
  }
  await expect(findRun(folder)).rejects.toMatchObject(refusal)
  await expect(readRun(folder)).rejects.toMatchObject(refusal)
  await expect(openRunFolder(folder, runPlan, {machine: {}})).rejects.toMatchObject(refusal)
})

it('does not write into a run of slm eval', async () => {
  const folder = await newFolder()
  await (await openRunFolder(folder, runPlan, {machine: {}})).close()
  await expect(openBenchFolder(folder, plan)).rejects.toMatchObject({
    code: 'run-other-plan',
    message: `${folder} holds a run of slm eval, not a benchmark`,
  })
})

it('refuses a manifest of a benchmark that was damaged, by the place of the damage', async () => {
  const folder = await newFolder()
  await writeFile(join(folder, 'manifest.json'), JSON.stringify({format: 1, kind: 'bench', ...plan}))
  await expect(openBenchFolder(folder, plan)).rejects.toMatchObject({
    code: 'run-damaged',
    message: expect.stringContaining('planDigest'),
  })
})
