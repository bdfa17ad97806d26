import {arch, availableParallelism, cpus, platform, totalmem} from 'node:os'
import type {ModelFacts} from '../engine/language-model.ts'
import type {Manifest} from '../store/manifest.ts'

/** What the machine and this start of it add to a run: the part of a manifest that may differ between equal runs. */
export function machineInUse(facts: ModelFacts, batchSize: number | 'auto'): Manifest['machine'] {
  return {
    platform: platform(),
    arch: arch(),
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    processors: availableParallelism(),
    memoryBytes: totalmem(),
    node: process.version,
    provider: facts.device,
    threads: facts.threads,
    batchSize,
    modelNotes: [...facts.notes],
  }
}

/** Most memory that this process has held so far, in bytes; what was not resident does not count. */
export function peakBytes(): number {
  return process.resourceUsage().maxRSS * 1024
}
