import type {BenchPlan} from '../store/bench-manifest.ts'
import type {MachineRecord} from '../store/bench-record.ts'
import {analyticCost} from './analytic-cost.ts'
import type {Job} from './plan-bench.ts'

/** Shares of the machine's rates that models reach as a rule (runtime notes, section 3). */
const [USUAL_GEMM, USUAL_BANDWIDTH] = [0.6, 0.6]
/** A process starts, loads its program, opens a model of no size, and ends. */
const PROCESS_SECONDS = 2

/** Seconds that the jobs will take, roughly, or why that cannot be said. Reading the files is counted at the bandwidth of memory. */
export function estimatedSeconds(
  plan: BenchPlan,
  jobs: readonly Job[],
  {bandwidth, gemm}: Pick<MachineRecord, 'bandwidth' | 'gemm'>,
): number | {readonly missing: string} {
  if ('missing' in bandwidth) return bandwidth
  if ('missing' in gemm) return gemm
  const [operations, bytes] = [USUAL_GEMM * gemm.value, USUAL_BANDWIDTH * bandwidth.value]
  let seconds = 0
  for (const {subject, cell} of jobs) {
    const {work} = subject.description
    if (work === undefined) return {missing: `the operations of ${subject.label} cannot be counted`}
    const cost = analyticCost(work, cell)
    const first = cost.firstTokenFlops / operations
    const step = Math.max(
      (cost.weightBytesPerStep + cost.cacheBytesPerStep) / bytes,
      cost.flopsPerStep / operations,
    )
    const generation = first + (cell.outputTokens - 1) * step
    seconds += PROCESS_SECONDS + (plan.warmUp + 1) * generation + (4 * cost.weightBytesPerStep) / bytes
  }
  return seconds
}
