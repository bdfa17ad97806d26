import {readFile} from 'node:fs/promises'
import {join} from 'node:path'
import type {z} from 'zod'
import {SlmError} from '../errors.ts'
import {jsonlLines} from './jsonl-lines.ts'
import {type Manifest, manifestSchema} from './manifest.ts'
import type {SampleRecord} from './record.ts'
import {parseRecord} from './record-line.ts'
import {type RunSummary, runSummarySchema} from './run-summary.ts'

export const RUN_FILES = {
  manifest: 'manifest.json',
  samples: 'samples.jsonl',
  summary: 'summary.json',
} as const

/** What stands in a run folder, records apart. */
export interface StoredRun {
  readonly folder: string
  readonly manifest: Manifest
  /** Undefined while the run has not reached its end. */
  readonly summary: RunSummary | undefined
}

/** Reads manifest and summary; undefined where the folder holds no run. Errors: `run-is-bench`, `run-damaged`. */
export async function findRun(folder: string): Promise<StoredRun | undefined> {
  const [manifestFile, summaryFile] = [join(folder, RUN_FILES.manifest), join(folder, RUN_FILES.summary)]
  const value = await readJson(manifestFile)
  if (value === undefined) return undefined
  if (isBenchManifest(value))
    throw new SlmError('run-is-bench', `${folder} holds a benchmark, not a run of slm eval`, {
      hint: 'slm compare --bench and slm report read it; runs of slm eval go into other folders.',
    })
  const manifest = checkedJson(manifestSchema, value, manifestFile)
  const summary = await readJson(summaryFile)
  return {
    folder,
    manifest,
    summary: summary === undefined ? undefined : checkedJson(runSummarySchema, summary, summaryFile),
  }
}

/** Whether it is the manifest that `slm bench` writes; one of a run has no `kind`. */
export function isBenchManifest(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'kind' in value && value.kind === 'bench'
}

/** As `findRun`, for a folder that was named as a run. */
export async function readRun(folder: string): Promise<StoredRun> {
  const run = await findRun(folder)
  if (run !== undefined) return run
  throw new SlmError('run-missing', `${folder} is not a run folder: it has no ${RUN_FILES.manifest}`, {
    hint: 'Run folders are written by slm eval, most often under results/.',
  })
}

/** Streams the records of a run; a last line that was only half written is left out. */
export async function* readRecords(folder: string): AsyncGenerator<SampleRecord, void, void> {
  const file = join(folder, RUN_FILES.samples)
  for await (const {text, lineNumber, isComplete} of jsonlLines(file))
    if (isComplete) yield parseRecord(text, file, lineNumber)
}

/** Undefined where there is no such file. Errors: `run-damaged` for what is not JSON. */
export async function readJson(file: string): Promise<unknown> {
  let text: string
  try {
    text = await readFile(file, 'utf8')
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code // a system error
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined
    throw error
  }
  try {
    return JSON.parse(text)
  } catch {
    throw damaged(file, 'is not JSON')
  }
}

/** The value as the schema has it. Errors: `run-damaged`. */
export function checkedJson<Schema extends z.ZodType>(
  schema: Schema,
  value: unknown,
  file: string,
): z.output<Schema> {
  const checked = parsedBy(schema, value)
  if (checked === undefined) throw damaged(file, 'is nested too deeply')
  if (checked.success) return checked.data
  const issue = checked.error.issues[0]
  throw damaged(file, `${issue?.path.join('.') || 'the file'}: ${issue?.message ?? 'is not valid'}`)
}

function damaged(file: string, why: string): SlmError {
  return new SlmError('run-damaged', `${file}: ${why}`, {
    hint: 'It was written by another version or changed by hand: remove the run folder and run again.',
  })
}

/** Undefined for values so deeply nested that checking them would overflow the stack. */
export function parsedBy<Schema extends z.ZodType>(
  schema: Schema,
  value: unknown,
): z.ZodSafeParseResult<z.output<Schema>> | undefined {
  try {
    return schema.safeParse(value)
  } catch (error) {
    if (error instanceof RangeError) return undefined
    throw error
  }
}
