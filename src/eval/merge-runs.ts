import {join} from 'node:path'
import {METRIC_IDS, metricById} from '../metrics/catalogue.ts'
import {writeAtomically} from '../store/atomic-file.ts'
import type {Manifest} from '../store/manifest.ts'
import {mergeShards} from '../store/merge-shards.ts'
import {RUN_FILES, readRecords} from '../store/read-run.ts'
import {jsonText} from '../store/run-folder.ts'
import type {RunSummary} from '../store/run-summary.ts'
import {type Metrics, summarize} from './summarize.ts'

export interface MergedRun {
  readonly folder: string
  readonly manifest: Manifest
  readonly summary: RunSummary
}

/** Joins shards into one run, summary included: the bytes are those of a run without shards. */
export async function mergeRuns(
  folders: readonly string[],
  out: string,
  options: {readonly allowPartial: boolean},
): Promise<MergedRun> {
  const manifest = await mergeShards(folders, out, options)
  const summary = await summarize(manifest, readRecords(out), await metricsOf(manifest))
  await writeAtomically(join(out, RUN_FILES.summary), jsonText(summary))
  return {folder: out, manifest, summary}
}

/** The metrics that a manifest names, as far as this version has them. */
async function metricsOf({tasks}: Manifest): Promise<Metrics> {
  const ids = [...new Set(tasks.flatMap(({metrics}) => metrics.map(({id}) => id)))]
  const known = ids.filter((id) => METRIC_IDS.includes(id))
  return new Map(await Promise.all(known.map(async (id) => [id, await metricById(id)] as const)))
}
