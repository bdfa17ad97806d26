import type {BenchSample} from '../store/bench-record.ts'
import type {BenchCell} from './cells.ts'
import {type EnergyCounter, joulesBetween} from './machine/energy.ts'
import {type MemoryWatch, watchMemory} from './machine/process-memory.ts'
import {type Load, watchLoad} from './machine/processor-load.ts'
import type {GenerationTiming} from './process/messages.ts'
import {type MeasuredProcess, startMeasured} from './process/start.ts'
import {recordedFacts, type Subject} from './subjects.ts'

/** What one fresh process has to measure. */
export interface SampleJob {
  readonly subject: Subject
  readonly cell: BenchCell
  readonly repeat: number
  readonly warmUp: number
  readonly seed: number
  /** Which start of the command this is. */
  readonly start: number
}

export interface SampleTools {
  readonly energy: EnergyCounter | {readonly missing: string}
  readonly sleep: (ms: number) => Promise<void>
  readonly signal?: AbortSignal | undefined
}

/** Above this share of the machine, other programs move the figures. */
const BUSY_SHARE = 0.05

export function isBusy(load: Load): load is number {
  return typeof load === 'number' && load > BUSY_SHARE
}

/** How long the machine is watched before a process starts. */
const WATCH_MS = 300

/**
 * One fresh process: baseline, open, warm up, measure. Memory, energy and the load of other programs are read from here,
 * outside the measured process; times are its own. A process that fails gives one record that says why.
 */
export async function measureSample(job: SampleJob, tools: SampleTools): Promise<BenchSample[]> {
  const load = watchLoad()
  await tools.sleep(WATCH_MS)
  const before = load(0)
  let measured: MeasuredProcess | undefined
  let watch: MemoryWatch | undefined
  const records: BenchSample[] = []
  try {
    measured = await startMeasured(job.subject.script, tools.signal)
    watch = await watchMemory(measured.pid)
    const model = {...job.subject.request, prefixCache: job.cell.setting === 'prefix-cache'}
    const baselineBytes = (await watch?.read())?.residentBytes
    const {facts, loadMs} = await measured.ask({kind: 'open', model}, 'opened')
    const loaded = await watch?.read()
    await watch?.resetPeak()
    for (let index = 0; index <= job.warmUp; index += 1) {
      const run = await generateOnce(measured, job, index, tools)
      const now = await watch?.read()
      const known = identity(job, index, facts.threads)
      const memory: Extract<BenchSample, {status: 'measured'}>['memory'] =
        watch === undefined || baselineBytes === undefined || loaded === undefined || now === undefined
          ? {missing: 'neither /proc nor ps tells the memory of a process here'}
          : {
              baselineBytes,
              loadedBytes: loaded.residentBytes,
              loadPeakBytes: loaded.peakBytes,
              peakBytes: now.peakBytes,
              method: watch.method,
            }
      records.push(measuredRecord(known, run, {loadMs, memory, before, energy: tools.energy}))
    }
    await measured.close()
  } catch (error) {
    if (tools.signal?.aborted) throw tools.signal.reason
    measured?.kill()
    const why = error instanceof Error ? error.message : String(error)
    records.push({...identity(job, job.warmUp, job.subject.description.facts.threads), status: 'failed', why})
  } finally {
    watch?.stop()
  }
  return records
}

interface Run {
  readonly timing: GenerationTiming
  readonly joules: number | undefined
  readonly during: Load
}

async function generateOnce(
  measured: MeasuredProcess,
  {cell, repeat, seed}: SampleJob,
  index: number,
  {energy}: SampleTools,
): Promise<Run> {
  const counter = 'missing' in energy ? undefined : energy
  const joules = await counter?.read()
  const load = watchLoad()
  const {timing} = await measured.ask(
    {kind: 'generate', request: {...cell, seed, repeat, index}},
    'generated',
  )
  const during = load(timing.processorMs)
  const after = await counter?.read()
  return {
    timing,
    joules: joules === undefined || after === undefined ? undefined : joulesBetween(joules, after),
    during,
  }
}

type Identity = Omit<Extract<BenchSample, {status: 'failed'}>, 'status' | 'why'>

function identity(
  {subject, cell, repeat, warmUp, start}: SampleJob,
  index: number,
  threads: number,
): Identity {
  const {program, architecture, dtype, parameters} = recordedFacts(subject)
  return {
    kind: 'sample',
    model: subject.label,
    ...cell,
    start,
    program,
    architecture,
    dtype,
    parameters,
    threads,
    repeat,
    isWarmUp: index < warmUp,
    indexInProcess: index,
  }
}

type Measured = Extract<BenchSample, {status: 'measured'}>

function measuredRecord(
  known: Identity,
  {timing, joules, during}: Run,
  around: {
    readonly loadMs: number
    readonly memory: Measured['memory']
    readonly before: Load
    readonly energy: SampleTools['energy']
  },
): Measured {
  const {firstTokenMs, tokenMs, endToEndMs, computeMs} = timing
  const {before, energy} = around
  const later = tokenMs.length
  const afterFirstMs = endToEndMs - firstTokenMs
  const one = {missing: 'there is one output token, and none after the first'}
  return {
    ...known,
    status: 'measured',
    loadMs: around.loadMs,
    firstTokenMs,
    tokenMs: [...tokenMs],
    endToEndMs,
    timePerOutputTokenMs: later === 0 ? one : afterFirstMs / later,
    tokensPerSecond: (1000 * known.batch * (later + 1)) / endToEndMs,
    decodeTokensPerSecond: later === 0 ? one : (1000 * known.batch * later) / afterFirstMs,
    computeMs: computeMs ?? {missing: `${known.program} does not tell`},
    memory: around.memory,
    energy:
      'missing' in energy || joules === undefined
        ? {missing: 'missing' in energy ? energy.missing : 'the counter was not read'}
        : {joules, source: energy.source},
    otherLoad: {before, during},
    isBusy: isBusy(before) || isBusy(during),
  }
}
