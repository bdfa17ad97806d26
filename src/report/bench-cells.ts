import {medianEstimate} from '../stats/median-estimate.ts'
import type {CostRecord, MachineRecord} from '../store/bench-record.ts'
import type {BenchRun, MeasuredCell} from './bench-comparison.ts'
import {
  BENCH_METRIC_IDS,
  BENCH_METRICS,
  type BenchMetric,
  type BenchMetricId,
  valuesByRepeat,
} from './bench-metrics.ts'
import type {BenchCell, BenchReading} from './bench-reading.ts'
import {type Cell, missing} from './cell.ts'

/** The medians of all cells; shares are of what the machine could do at the first start of the command. */
export function benchRun({run, machines, models, cells}: BenchReading): BenchRun {
  const [machine] = machines
  return {run, machine, models, cells: cells.map((cell) => measuredCell(cell, machine))}
}

/** The medians of a cell, and what share of the machine's own limits they reach. */
function measuredCell(cell: BenchCell, machine: MachineRecord | undefined): MeasuredCell {
  const {model, setting, batch, inputTokens, outputTokens, cost} = cell
  const values = Object.fromEntries(
    BENCH_METRIC_IDS.map((id) => [id, medianCell(cell, BENCH_METRICS[id])]),
  ) as Record<BenchMetricId, Cell> // every id has its entry
  const stepBytes = cost === undefined ? undefined : cost.weightBytesPerStep + cost.cacheBytesPerStep
  return {
    model,
    setting,
    batch,
    inputTokens,
    outputTokens,
    prefixTokens: cell.samples[0]?.prefixTokens ?? 0,
    values,
    flops: cost === undefined ? noCost() : {kind: 'number', value: totalFlops(cost)},
    bandwidthShare: shareCell(values.timePerOutputTokenMs, stepBytes, machine?.bandwidth),
    gemmShare: shareCell(values.firstTokenMs, cost?.firstTokenFlops, machine?.gemm),
    failed: cell.failures.length,
    busy: cell.samples.filter(({isBusy}) => isBusy).length,
  }
}

function medianCell(cell: BenchCell, metric: BenchMetric): Cell {
  const {byRepeat, whyMissing} = valuesByRepeat(metric, cell.samples)
  if (byRepeat.size > 0) return {kind: 'estimate', estimate: medianEstimate([...byRepeat.values()])}
  return whyUnmeasured(cell) ?? missing('not known', whyMissing ?? 'no sample has a value')
}

/** Why a cell has no samples; undefined where it has some. */
export function whyUnmeasured({samples, failures, whyMissing}: BenchCell): Cell | undefined {
  if (samples.length > 0) return undefined
  if (whyMissing !== undefined) return missing('not possible', whyMissing)
  const [why] = failures
  return why === undefined
    ? missing('not measured', 'the run stopped before it; repeat its command to go on')
    : missing('failed', why)
}

/** Operations of a whole generation. */
export function totalFlops({firstTokenFlops, flopsPerStep, outputTokens}: CostRecord): number {
  return firstTokenFlops + flopsPerStep * (outputTokens - 1)
}

export function noCost(): Cell {
  return missing('not counted', 'the operations of this program’s graph were not counted')
}

type Limit = MachineRecord['bandwidth'] | undefined

/** What was done in the measured time, as a share of what the machine can do. More work in less time is the higher end. */
function shareCell(time: Cell, amount: number | undefined, limit: Limit): Cell {
  if (time.kind !== 'estimate') return time
  if (amount === undefined) return noCost()
  if (limit === undefined) return missing('not known', 'the run does not say what the machine can do')
  if ('missing' in limit) return missing('not known', limit.missing)
  const shareIn = (milliseconds: number): number => amount / (milliseconds / 1000) / limit.value
  const {value, low, high, count} = time.estimate
  return {kind: 'estimate', estimate: {value: shareIn(value), low: shareIn(high), high: shareIn(low), count}}
}
