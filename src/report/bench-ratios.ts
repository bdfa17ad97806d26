import {medianRatio} from '../stats/median-estimate.ts'
import type {BenchModelRecord} from '../store/bench-record.ts'
import {noCost, totalFlops, whyUnmeasured} from './bench-cells.ts'
import {RATIO_IDS, type RatioId, type RatioRow, type RatioSide, type RatioTable} from './bench-comparison.ts'
import {BENCH_METRICS, type BenchMetric, valuesByRepeat} from './bench-metrics.ts'
import {type BenchPair, benchPairs, type PairedCondition, pairedConditions} from './bench-pairs.ts'
import {type BenchCell, type BenchReading, cellOf} from './bench-reading.ts'
import {benchVerdicts} from './bench-verdicts.ts'
import {type Cell, missing} from './cell.ts'

/** Every pair of a run, condition by condition. */
export function ratioTables(reading: BenchReading): RatioTable[] {
  return benchPairs(reading).map((pair) => {
    const table = {
      kind: pair.kind,
      run: reading.run,
      first: sideOf(pair.first),
      second: sideOf(pair.second),
      warnings: [...pair.warnings, ...busyWarnings(reading, pair)],
      rows: pairedConditions(reading, pair).map((conditions) => ratioRow(reading, pair, conditions)),
    }
    return {...table, verdicts: benchVerdicts(table)}
  })
}

function sideOf({model, architecture, program, dtype}: BenchModelRecord): RatioSide {
  return {model, architecture, program, dtype}
}

function busyWarnings(reading: BenchReading, {first, second}: BenchPair): string[] {
  const samples = reading.cells
    .filter(({model}) => model === first.model || model === second.model)
    .flatMap((cell) => cell.samples)
  const busy = samples.filter(({isBusy}) => isBusy).length
  if (busy === 0) return []
  return [
    `Warning: other programs used the machine during ${busy} of ${samples.length} samples; they are counted all the same, because both sides were measured in turn`,
  ]
}

function ratioRow(reading: BenchReading, pair: BenchPair, {first, second}: PairedCondition): RatioRow {
  const mine = cellOf(reading, pair.first.model, first)
  const theirs = cellOf(reading, pair.second.model, second)
  const {batch, inputTokens, outputTokens} = first
  const ratios = Object.fromEntries(RATIO_IDS.map((id) => [id, ratioCell(id, pair, mine, theirs)])) as Record<
    RatioId,
    Cell
  > // every id has its entry
  return {
    firstSetting: first.setting,
    secondSetting: second.setting,
    batch,
    inputTokens,
    outputTokens,
    ratios,
  }
}

function ratioCell(
  id: RatioId,
  pair: BenchPair,
  first: BenchCell | undefined,
  second: BenchCell | undefined,
): Cell {
  const sides = [
    {cell: first, model: pair.first.model},
    {cell: second, model: pair.second.model},
  ]
  for (const {cell, model} of sides)
    if (cell === undefined) return missing('not measured', `${model} was not measured under this condition`)
  if (first === undefined || second === undefined) return missing('not measured')
  if (id === 'flops') return flopsRatio(first, second)
  for (const side of [first, second]) {
    const why = whyUnmeasured(side)
    if (why?.kind === 'missing') return missing(why.short, `${side.model}: ${why.why}`)
  }
  return pairedRatio(BENCH_METRICS[id], first, second)
}

/** Counted on the graphs, so there is no interval. */
function flopsRatio(first: BenchCell, second: BenchCell): Cell {
  if (first.cost === undefined || second.cost === undefined) return noCost()
  if (first.cost.hasAttention !== second.cost.hasAttention)
    return missing('not counted alike', 'attention’s own products are counted on one side alone')
  return {kind: 'number', value: totalFlops(first.cost) / totalFlops(second.cost)}
}

/** Repeat by repeat, because what was measured one right after the other met the same machine. */
function pairedRatio(metric: BenchMetric, first: BenchCell, second: BenchCell): Cell {
  const mine = valuesByRepeat(metric, first.samples)
  const theirs = valuesByRepeat(metric, second.samples)
  const repeats = [...mine.byRepeat.keys()].filter(
    (key) => mine.byRepeat.get(key)! > 0 && (theirs.byRepeat.get(key) ?? 0) > 0,
  )
  if (repeats.length > 0)
    return {
      kind: 'estimate',
      estimate: medianRatio(
        repeats.map((key) => mine.byRepeat.get(key)!),
        repeats.map((key) => theirs.byRepeat.get(key)!),
      ),
    }
  const why = mine.whyMissing ?? theirs.whyMissing
  if (why !== undefined) return missing('not known', why)
  return missing('no pair', 'no repeat was measured on both sides in one start of the command')
}
