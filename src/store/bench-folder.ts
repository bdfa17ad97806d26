import {readFile} from 'node:fs/promises'
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
import {RUN_FILES} from './read-run.ts'
import {jsonText, refuseForeignFolder} from './run-folder.ts'
import {claimRunFolder} from './run-lock.ts'

/** A benchmark's folder that this process alone may write. */
export interface BenchWriter {
  readonly folder: string
  readonly file: BenchFile
  close(): Promise<void>
}

/** Opens the folder for this plan: makes it, or goes on in it. Refuses one of another plan, and one that holds something else. */
export async function openBenchFolder(folder: string, plan: BenchPlan): Promise<BenchWriter> {
  const unlock = await claimRunFolder(folder)
  try {
    const stored = await findBenchManifest(folder)
    const planDigest = benchPlanDigest(plan)
    if (stored === undefined) {
      await refuseForeignFolder(folder)
      const manifest: BenchManifest = {format: BENCH_FORMAT, kind: 'bench', planDigest, ...plan}
      await writeAtomically(join(folder, RUN_FILES.manifest), jsonText(benchManifestSchema.parse(manifest)))
    } else if (stored.planDigest !== planDigest) throw otherPlan(folder, stored, plan)
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

function otherPlan(folder: string, stored: BenchManifest, plan: BenchPlan): SlmError {
  const keys = Object.keys(plan) as (keyof BenchPlan)[] // a plan has no other keys
  const differing = keys.filter((key) => JSON.stringify(stored[key]) !== JSON.stringify(plan[key]))
  return new SlmError(
    'run-other-plan',
    `${folder} holds another benchmark (${differing.join(', ')} differ)`,
    {
      hint: 'Give another --out, or leave it out: each plan then gets its own folder.',
    },
  )
}

/** The manifest of a benchmark's folder; undefined where there is none. Errors: `run-damaged`. */
export async function findBenchManifest(folder: string): Promise<BenchManifest | undefined> {
  const path = join(folder, RUN_FILES.manifest)
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined
    throw error
  })
  if (text === undefined) return undefined
  try {
    return benchManifestSchema.parse(JSON.parse(text))
  } catch (cause) {
    throw new SlmError('run-damaged', `${path} is not the manifest of a benchmark`, {
      hint: 'The folder may hold a run of slm eval: give --out another folder.',
      cause,
    })
  }
}
