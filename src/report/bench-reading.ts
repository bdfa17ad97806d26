import {realpath, stat} from 'node:fs/promises'
import {basename, join, resolve} from 'node:path'
import {SlmError} from '../errors.ts'
import {BENCH_FILE, readBenchRecords} from '../store/bench-file.ts'
import {
  BENCH_SETTINGS,
  type BenchModelRecord,
  type BenchRecord,
  type BenchSetting,
  type CostRecord,
  type MachineRecord,
  type MeasuredSample,
} from '../store/bench-record.ts'
import {RUN_FILES} from '../store/read-run.ts'

/** Under what a model was measured: what must be equal on both sides of a ratio. */
export interface BenchCondition {
  readonly setting: BenchSetting
  /** Rows decoded together. */
  readonly batch: number
  /** Tokens of each prompt. */
  readonly inputTokens: number
  /** Tokens generated for each row. */
  readonly outputTokens: number
}

/** All that was measured of one model under one condition. */
export interface BenchCell extends BenchCondition {
  readonly model: string
  /** Without warm-up. */
  readonly samples: readonly MeasuredSample[]
  /** What failed samples said. */
  readonly failures: readonly string[]
  /** What it costs on paper; undefined where nobody counted, as for peers. */
  readonly cost: CostRecord | undefined
  /** Why the cell cannot be measured at all. */
  readonly whyMissing: string | undefined
}

/** One `bench.jsonl`: models that were measured side by side. */
export interface BenchReading {
  /** The folder's own name, without the path to it. */
  readonly run: string
  /** One for each start of the command. */
  readonly machines: readonly MachineRecord[]
  readonly models: readonly BenchModelRecord[]
  /** By setting, batch, lengths, then in the order of the models. */
  readonly cells: readonly BenchCell[]
}

/** Reads the measurements of run folders; a folder named twice counts once. */
export async function readBenches(folders: readonly string[]): Promise<BenchReading[]> {
  const seen = new Map<string, string>()
  for (const folder of folders) {
    await refuseOther(folder)
    seen.set(await realpath(folder), folder)
  }
  const readings: BenchReading[] = []
  for (const folder of seen.values()) readings.push(await readBench(folder))
  return readings.sort((a, b) => (a.run < b.run ? -1 : a.run > b.run ? 1 : 0))
}

/** Folders that hold measurements, and folders that hold answers; one folder may be both. */
export async function sortedFolders(
  folders: readonly string[],
): Promise<{readonly benches: readonly string[]; readonly runs: readonly string[]}> {
  const found = await Promise.all(
    folders.map(async (folder) => ({
      folder,
      isBench: await hasBench(folder),
      isRun: await hasFile(join(folder, RUN_FILES.samples)),
    })),
  )
  return {
    benches: found.filter(({isBench}) => isBench).map(({folder}) => folder),
    // A run that was stopped before its first record has no samples yet.
    runs: found.filter(({isBench, isRun}) => isRun || !isBench).map(({folder}) => folder),
  }
}

/** Whether a run folder holds measurements. */
function hasBench(folder: string): Promise<boolean> {
  return hasFile(join(folder, BENCH_FILE))
}

async function hasFile(file: string): Promise<boolean> {
  const found = await stat(file).catch(() => undefined)
  return found?.isFile() ?? false
}

async function refuseOther(folder: string): Promise<void> {
  if (await hasBench(folder)) return
  throw new SlmError('bench-missing', `${folder} holds no measurements: it has no ${BENCH_FILE}`, {
    hint: 'Measurements are written by slm bench, most often under results/.',
  })
}

async function readBench(folder: string): Promise<BenchReading> {
  const records: BenchRecord[] = []
  for await (const record of readBenchRecords(folder)) records.push(record)
  return benchReading(basename(resolve(folder)), records)
}

/** Groups the lines of a `bench.jsonl` by what they are about. */
export function benchReading(run: string, records: readonly BenchRecord[]): BenchReading {
  const machines = records.filter((record) => record.kind === 'machine')
  const models = new Map<string, BenchModelRecord>()
  const cells = new Map<string, Draft>()
  for (const record of records) {
    if (record.kind === 'machine') continue
    if (record.kind === 'model') {
      models.set(record.model, record)
      continue
    }
    const {model, setting, batch, inputTokens, outputTokens} = record
    const key = JSON.stringify([model, setting, batch, inputTokens, outputTokens])
    const draft = cells.get(key) ?? {...emptyDraft(), model, setting, batch, inputTokens, outputTokens}
    cells.set(key, draft)
    if (record.kind === 'cost') draft.cost = record
    else if (record.kind === 'missing') draft.whyMissing = record.why
    else if (record.status === 'failed') draft.failures.push(record.why)
    else if (!record.isWarmUp) draft.samples.push(record)
  }
  const order = [...models.keys()]
  const place = (model: string): number => (order.includes(model) ? order.indexOf(model) : order.length)
  return {
    run,
    machines,
    models: [...models.values()],
    cells: [...cells.values()].sort((a, b) => compareConditions(a, b) || place(a.model) - place(b.model)),
  }
}

/** A cell while its lines are read. */
type Draft = BenchCondition & {
  readonly model: string
  readonly samples: MeasuredSample[]
  readonly failures: string[]
  cost: CostRecord | undefined
  whyMissing: string | undefined
}

function emptyDraft(): Pick<Draft, 'samples' | 'failures' | 'cost' | 'whyMissing'> {
  return {samples: [], failures: [], cost: undefined, whyMissing: undefined}
}

/** By setting, batch, output and input length. */
export function compareConditions(a: BenchCondition, b: BenchCondition): number {
  return (
    BENCH_SETTINGS.indexOf(a.setting) - BENCH_SETTINGS.indexOf(b.setting) ||
    a.batch - b.batch ||
    a.outputTokens - b.outputTokens ||
    a.inputTokens - b.inputTokens
  )
}

export function cellOf(
  reading: BenchReading,
  model: string,
  condition: BenchCondition,
): BenchCell | undefined {
  return reading.cells.find((cell) => cell.model === model && compareConditions(cell, condition) === 0)
}
