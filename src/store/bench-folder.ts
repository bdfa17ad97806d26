import {join} from 'node:path'
import {SlmError} from '../errors.ts'
import {writeAtomically} from './atomic-file.ts'
import {BenchFile} from './bench-file.ts'
import {
  BENCH_FORMAT,
  type BenchManifest,
  type BenchPlan,
  benchManifestSchema,
  benchPlanDigest,
} from './bench-manifest.ts'
import {checkedJson, isBenchManifest, RUN_FILES, readJson} from './read-run.ts'
import {jsonText, refuseForeignFolder} from './run-folder.ts'
import {claimRunFolder} from './run-lock.ts'

/** A benchmark's folder that this process alone may write. */
export interface BenchWriter {
  readonly folder: string
  readonly file: BenchFile
  close(): Promise<void>
}

/**
 * Opens the folder for this plan: makes it, or goes on in it, with more repeats too. Refuses one of another plan, one that
 * holds a run or something else, and one that another process is writing.
 */
export async function openBenchFolder(folder: string, plan: BenchPlan): Promise<BenchWriter> {
  const unlock = await claimRunFolder(folder)
  try {
    const stored = await findBenchManifest(folder)
    if (stored === undefined) await refuseForeignFolder(folder)
    else if (benchPlanDigest(planOf(stored)) !== benchPlanDigest(plan)) throw otherPlan(folder, stored, plan)
    if (stored === undefined || stored.repeats < plan.repeats) await writeManifest(folder, plan)
    const file = await BenchFile.open(folder)
    return {
      folder,
      file,
      close: async () => {
        await file.close()
        await unlock()
      },
    }
  } catch (error) {
    await unlock()
    throw error
  }
}

async function writeManifest(folder: string, plan: BenchPlan): Promise<void> {
  const planDigest = benchPlanDigest(plan)
  const manifest: BenchManifest = {format: BENCH_FORMAT, kind: 'bench', planDigest, ...plan}
  await writeAtomically(join(folder, RUN_FILES.manifest), jsonText(benchManifestSchema.parse(manifest)))
}

function planOf({format: _, kind: __, planDigest: ___, ...plan}: BenchManifest): BenchPlan {
  return plan
}

function otherPlan(folder: string, stored: BenchManifest, plan: BenchPlan): SlmError {
  const keys = Object.keys(plan) as (keyof BenchPlan)[] // a plan has no other keys
  const differing = keys.filter(
    (key) => key !== 'repeats' && JSON.stringify(stored[key]) !== JSON.stringify(plan[key]),
  )
  return new SlmError(
    'run-other-plan',
    `${folder} holds another benchmark; it differs in: ${differing.join(', ')}`,
    {
      hint: 'Give another --out, or leave it out: each plan then gets its own folder.',
    },
  )
}

/** The manifest of a benchmark's folder; undefined where there is none. */
async function findBenchManifest(folder: string): Promise<BenchManifest | undefined> {
  const file = join(folder, RUN_FILES.manifest)
  const value = await readJson(file)
  if (value === undefined) return undefined
  if (!isBenchManifest(value))
    throw new SlmError('run-other-plan', `${folder} holds a run of slm eval, not a benchmark`, {
      hint: 'Give another --out, or leave it out: each plan then gets its own folder.',
    })
  return checkedJson(benchManifestSchema, value, file)
}
