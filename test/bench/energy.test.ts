import {mkdir, mkdtemp, writeFile} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {describe, expect, it} from 'vitest'
import {energyCounter, joulesBetween} from '../../src/bench/machine/energy.ts'

async function counters(values: Readonly<Record<string, number>>): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'slm-rapl-'))
  for (const [name, value] of Object.entries(values)) {
    await mkdir(join(folder, name))
    await writeFile(join(folder, name, 'energy_uj'), `${value}\n`)
    await writeFile(join(folder, name, 'max_energy_range_uj'), '1000000000\n')
  }
  return folder
}

describe.runIf(process.platform === 'linux')('energy by RAPL', () => {
  it('adds up packages and leaves their parts out', async () => {
    const values = {'intel-rapl:0': 5_000_000, 'intel-rapl:0:0': 9, 'intel-rapl:1': 1_000_000}
    const folder = await counters(values)
    const counter = await energyCounter(folder)
    if ('missing' in counter) throw new Error(counter.missing)
    expect(counter.source).toBe('RAPL, 2 packages')
    const before = await counter.read()
    await writeFile(join(folder, 'intel-rapl:0', 'energy_uj'), '7500000\n')
    await writeFile(join(folder, 'intel-rapl:1', 'energy_uj'), '2000000\n')
    expect(joulesBetween(before, await counter.read())).toBe(3.5)
  })

  it('says why there is none', async () => {
    expect(await energyCounter('/nowhere')).toEqual({
      missing: 'the system exposes no energy counter (no RAPL under /nowhere)',
    })
  })
})

it('counts on where a counter started again', () => {
  const before = [{microjoules: 900_000_000, wrapsAt: 1_000_000_000}]
  const after = [{microjoules: 50_000_000, wrapsAt: 1_000_000_000}]
  expect(joulesBetween(before, after)).toBe(150)
})
