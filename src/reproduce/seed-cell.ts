import {type Cell, missing} from '../report/cell.ts'
import {tInterval} from '../stats/t-interval.ts'
import type {MetricValue} from '../store/run-summary.ts'
import type {CellResult} from './cell-result.ts'

/** The metric of the paper's tables. */
export const TABLE_METRIC = 'rougeL'

/** A metric of a task over the seeds: mean and interval over seeds; with one seed the interval over its samples. */
export function seedCell(result: CellResult, task: string, metric: string): Cell {
  const found = result.tested.map(({tasks}) => tasks.get(task)?.[metric])
  const values = found.flatMap((value) => metricValues(value))
  if (result.tested.length === 0) return missing('not run', `${result.cell} is not evaluated yet`)
  if (values.length < found.length || values.length === 0)
    return missing('none', `${metric} of ${task} has no value in ${found.length - values.length} seeds`)
  const [only] = found
  if (values.length === 1 && only !== undefined && 'value' in only) return {kind: 'estimate', estimate: only}
  const estimate = tInterval(values)
  return estimate === undefined ? missing('none') : {kind: 'estimate', estimate}
}

/** The plain mean of the tasks' ROUGE-L, seed by seed; with one seed a number without an interval. */
export function averageCell(result: CellResult, tasks: readonly string[]): Cell {
  const averages = seedAverages(result, tasks).map(({value}) => value)
  if (averages.length < result.tested.length || averages.length === 0)
    return missing(result.tested.length === 0 ? 'not run' : 'none', `${result.cell} lacks a task`)
  const estimate = tInterval(averages)
  return estimate === undefined ? {kind: 'number', value: averages[0] ?? 0} : {kind: 'estimate', estimate}
}

/** By seed, for the seeds that have all tasks. */
export function seedAverages(
  {tested}: CellResult,
  tasks: readonly string[],
): readonly {readonly seed: number; readonly value: number}[] {
  return tested.flatMap(({seed, tasks: scores}) => {
    const values = tasks.flatMap((task) => metricValues(scores.get(task)?.[TABLE_METRIC]))
    if (values.length < tasks.length) return []
    return [{seed, value: values.reduce((sum, value) => sum + value, 0) / tasks.length}]
  })
}

function metricValues(value: MetricValue | undefined): readonly number[] {
  return value !== undefined && 'value' in value ? [value.value] : []
}
