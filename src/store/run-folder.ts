import {readdir} from 'node:fs/promises'
import {join} from 'node:path'
import {SlmError} from '../errors.ts'
import {writeAtomically} from './atomic-file.ts'
import {
  type Manifest,
  manifestSchema,
  type Plan,
  planDifferences,
  planDigest,
  RUN_FORMAT,
} from './manifest.ts'
import {findRun, RUN_FILES, type StoredRun} from './read-run.ts'
import {claimRunFolder} from './run-lock.ts'
import type {RunSummary} from './run-summary.ts'
import {SamplesFile} from './samples-file.ts'

/** A run folder that this process alone may write. */
export interface RunWriter {
  readonly folder: string
  readonly manifest: Manifest
  readonly samples: SamplesFile
  /** Writes summary.json, which marks the run as complete, after what was measured of the machine went into the manifest. */
  finish(summary: RunSummary, measured?: Manifest['machine']): Promise<void>
  close(): Promise<void>
}

/** What a new manifest says beside its plan. */
export interface RunDescription {
  readonly machine: Manifest['machine']
  /** Asked only for a new run. */
  readonly card?: (() => Promise<Manifest['model']['card']>) | undefined
}

/** The text of a JSON file that people may read and programs compare. */
export function jsonText(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`
}

/**
 * Opens the folder for this plan: makes it, or goes on in it. Refuses a folder that holds another plan, saying what
 * differs, one that holds something else, and one that another process is writing.
 */
export async function openRunFolder(
  folder: string,
  plan: Plan,
  {machine, card}: RunDescription,
): Promise<RunWriter> {
  const unlock = await claimRunFolder(folder)
  try {
    const stored = await findRun(folder)
    if (stored !== undefined) refuseOtherPlan(stored, plan)
    else await refuseForeignFolder(folder)
    const manifest = stored?.manifest ?? (await newManifest(plan, {machine, card}))
    if (stored === undefined) await writeAtomically(join(folder, RUN_FILES.manifest), jsonText(manifest))
    const samples = await SamplesFile.open(join(folder, RUN_FILES.samples))
    return {
      folder,
      manifest,
      samples,
      finish: async (summary, measured = {}) => {
        const whole = {...manifest, machine: {...manifest.machine, ...measured}}
        if (Object.keys(measured).length > 0)
          await writeAtomically(join(folder, RUN_FILES.manifest), jsonText(whole))
        await writeAtomically(join(folder, RUN_FILES.summary), jsonText(summary))
      },
      close: async () => {
        await samples.close()
        await unlock()
      },
    }
  } catch (error) {
    await unlock()
    throw error
  }
}

async function newManifest(plan: Plan, {machine, card}: RunDescription): Promise<Manifest> {
  const model = {...plan.model, ...(card === undefined ? {} : {card: await card()})}
  return manifestSchema.parse({format: RUN_FORMAT, planDigest: planDigest(plan), ...plan, model, machine})
}

/** Throws `run-other-plan` unless the stored run is this plan's, shard included. */
export function refuseOtherPlan({folder, manifest}: StoredRun, plan: Plan): void {
  const differences = planDifferences(plan, manifest)
  const shardName = ({shard}: {readonly shard?: Plan['shard']}): string =>
    shard === undefined ? 'no shard' : `shard ${shard.index}/${shard.count}`
  if (shardName(plan) !== shardName(manifest))
    differences.unshift(`${shardName(plan)}, there ${shardName(manifest)}`)
  if (manifest.missingShards !== undefined) differences.unshift('it is a partial merge')
  if (differences.length === 0) return
  const named = differences.slice(0, 4).join('; ')
  const more = differences.length > 4 ? `; and ${differences.length - 4} more` : ''
  throw new SlmError('run-other-plan', `${folder} holds another run (${named}${more})`, {
    hint: 'Give another --out, or leave it out: each plan then gets its own folder.',
  })
}

/** Throws unless the folder is empty but for hidden files and locks. */
export async function refuseForeignFolder(folder: string): Promise<void> {
  const names = (await readdir(folder)).filter((name) => !/^(\.|lock)|\.part$/.test(name))
  if (names.length === 0) return
  throw new SlmError('run-foreign-folder', `${folder} is not empty and holds no run (${names[0]})`, {
    hint: 'Give --out a new or empty folder.',
  })
}
