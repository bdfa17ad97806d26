import type {BenchPlan} from '../store/bench-manifest.ts'
import type {BenchRecord, MachineRecord} from '../store/bench-record.ts'
import type {EnergyCounter} from './machine/energy.ts'
import {machineFacts} from './machine/machine-facts.ts'
import {watchLoad} from './machine/processor-load.ts'
import type {MachineRates, MeasuredRate} from './process/messages.ts'
import {askFresh} from './process/start.ts'
import type {ProgramScripts} from './subjects.ts'

/** Versions of the programs, and what the processor can do. */
export interface Versions {
  readonly all: Readonly<Record<string, string>>
  readonly extensions: readonly string[]
}

export interface MachineOptions {
  readonly scripts: ProgramScripts
  readonly versions: Versions
  readonly energy: EnergyCounter | {readonly missing: string}
  readonly now: () => string
  readonly sleep: (ms: number) => Promise<void>
  readonly onNote: (text: string) => void
  readonly signal?: AbortSignal | undefined
}

/** How long the machine is watched before anything runs. */
const WATCH_MS = 1000

/** The machine line of this start of the command. Its rates are measured anew each time: they are what the machine can do now. */
export async function measureMachine(
  plan: BenchPlan,
  records: readonly BenchRecord[],
  options: MachineOptions,
): Promise<MachineRecord> {
  const {energy, versions} = options
  const load = watchLoad()
  await options.sleep(WATCH_MS)
  const otherLoad = load(0)
  options.onNote('measuring the machine’s read bandwidth and matrix products')
  const rates = await ratesOf(plan.threads, options)
  const rateLine = (rate: MeasuredRate): MachineRecord['bandwidth'] => ({
    value: rate.value,
    samples: [...rate.samples],
    method: rate.method,
  })
  return {
    kind: 'machine',
    start: 1 + records.filter(({kind}) => kind === 'machine').length,
    at: options.now(),
    ...machineFacts(),
    extensions: [...versions.extensions],
    threads: plan.threads,
    versions: {...versions.all},
    bandwidth: 'missing' in rates ? rates : rateLine(rates.bandwidth),
    gemm: 'missing' in rates ? rates : rateLine(rates.gemm),
    energy: 'missing' in energy ? {missing: energy.missing} : {source: energy.source},
    otherLoad,
  }
}

/** In a process of its own, as every model is. A machine too small for it still measures models. */
async function ratesOf(
  threads: number,
  {scripts, signal}: MachineOptions,
): Promise<MachineRates | {readonly missing: string}> {
  try {
    return (await askFresh(scripts.slm, {kind: 'rates', threads}, 'rated', signal)).rates
  } catch (error) {
    if (signal?.aborted) throw error
    return {missing: error instanceof Error ? error.message : String(error)}
  }
}
