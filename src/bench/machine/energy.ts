import {readdir, readFile} from 'node:fs/promises'
import {join} from 'node:path'

/** A counter of energy since some point in time. */
export interface EnergyCounter {
  readonly source: string
  /** A reading for each package of processors. */
  read(): Promise<readonly EnergyReading[]>
}

export interface EnergyReading {
  readonly microjoules: number
  /** Where the counter starts again from 0. */
  readonly wrapsAt: number
}

const POWERCAP = '/sys/class/powercap'

/** Linux: the packages that RAPL counts; else, in words, why there is no counter. */
export async function energyCounter(folder = POWERCAP): Promise<EnergyCounter | {readonly missing: string}> {
  if (process.platform === 'darwin')
    return {
      missing: 'powermetrics reads energy on this system, and only for the administrator: not supported',
    }
  const names = await readdir(folder).catch(() => undefined)
  // `intel-rapl:0` is a package, `intel-rapl:0:1` a part of it; AMD's packages carry the same name.
  const packages = (names ?? []).filter((name) => /^(?:intel|amd)-rapl:\d+$/.test(name)).sort()
  if (packages.length === 0)
    return {missing: `the system exposes no energy counter (no RAPL under ${folder})`}
  const read = (): Promise<EnergyReading[]> =>
    Promise.all(
      packages.map(async (name) => ({
        microjoules: await numberIn(join(folder, name, 'energy_uj')),
        wrapsAt: await numberIn(join(folder, name, 'max_energy_range_uj')),
      })),
    )
  try {
    await read()
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code ?? 'unreadable' // the code of a system error
    return {missing: `the RAPL counters cannot be read (${code}); only the administrator may on most systems`}
  }
  return {source: `RAPL, ${packages.length} package${packages.length === 1 ? '' : 's'}`, read}
}

async function numberIn(file: string): Promise<number> {
  const value = Number((await readFile(file, 'utf8')).trim())
  if (!Number.isFinite(value)) throw new Error(`${file} holds no number`)
  return value
}

/** Joules of all packages between two readings; a counter may have started again once. */
export function joulesBetween(before: readonly EnergyReading[], after: readonly EnergyReading[]): number {
  return after.reduce((sum, {microjoules, wrapsAt}, index) => {
    const used = microjoules - (before[index]?.microjoules ?? microjoules)
    return sum + (used < 0 ? used + wrapsAt : used) / 1e6
  }, 0)
}
