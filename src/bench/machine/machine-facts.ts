import {arch, availableParallelism, cpus, platform, totalmem} from 'node:os'
import type {MachineRecord} from '../../store/bench-record.ts'

/** What the system says of the machine, the measured rates apart. */
export function machineFacts(): Pick<
  MachineRecord,
  'platform' | 'arch' | 'cpu' | 'processors' | 'memoryBytes'
> {
  return {
    platform: platform(),
    arch: arch(),
    cpu: cpus()[0]?.model.trim() || 'unknown',
    processors: availableParallelism(),
    memoryBytes: totalmem(),
  }
}
