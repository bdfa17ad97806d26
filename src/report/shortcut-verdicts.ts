import type {Estimate} from '../stats/estimate.ts'
import {metricEstimates} from '../stats/metric-estimate.ts'
import {type Missing, missing} from './cell.ts'
import {RL_METRIC} from './read-runs.ts'
import type {MeasuredRow} from './rows.ts'
import type {TaskShortcuts} from './shortcut-readings.ts'
import {termDifferences} from './terms.ts'

/** Exact match on the questions that only the right subject answers. */
export const SHARED_METRIC = 'shared-exact'

/** A row of the table against one policy, on the samples that both have. */
export interface ShortcutVerdict {
  readonly row: string
  readonly task: string
  readonly metric: string
  readonly policy: string
  readonly outcome:
    | {
        readonly kind: 'tested'
        /** Row minus policy, in the metric's scale, with its 95% paired bootstrap interval. */
        readonly estimate: Estimate
        /** The whole interval lies above 0. */
        readonly isBeaten: boolean
      }
    | Missing
}

/** Of the resampling; the same for all, so that the order of runs never matters. */
const TEST_SEED = 0

/** Whether each row beats each shortcut of each task: by ROUGE-L and, where a task has it, by exact match on shared questions. */
export function shortcutVerdicts(
  rows: readonly MeasuredRow[],
  shortcuts: readonly TaskShortcuts[],
): ShortcutVerdict[] {
  return shortcuts.flatMap((shortcut) =>
    [RL_METRIC, SHARED_METRIC]
      .filter((metric) => shortcut.metrics.some(({id}) => id === metric))
      .flatMap((metric) =>
        rows.flatMap((row) => (row.readings.has(shortcut.task) ? verdictsOf(row, metric, shortcut) : [])),
      ),
  )
}

function verdictsOf(row: MeasuredRow, metricId: string, shortcut: TaskShortcuts): ShortcutVerdict[] {
  const {task, metrics, policies} = shortcut
  const toBeat = policies.filter(({isCeiling}) => !isCeiling)
  const ours = statisticsOf(row, metricId, shortcut)
  const metric = metrics.find(({id}) => id === metricId)!
  const differences = toBeat.map(({scores}) => ({
    metric,
    statistics:
      'why' in ours || scores.kind === 'missing'
        ? []
        : differencesOf(ours.statistics, scores.metrics.get(metricId) ?? new Map()),
  }))
  const estimates = metricEstimates(differences, {seed: TEST_SEED})
  return toBeat.map(({title, scores}, place) => {
    const estimate = estimates[place]!
    const common = {row: row.name, task, metric: metricId, policy: title}
    const absent = (short: string, why?: string): ShortcutVerdict => ({
      ...common,
      outcome: missing(short, why),
    })
    if ('why' in ours) return absent(ours.why)
    if (scores.kind === 'missing') return absent('not computed', scores.why)
    if ('missing' in estimate || estimate.count < 2) return absent('fewer than 2 samples pair by id')
    return {...common, outcome: {kind: 'tested', estimate, isBeaten: estimate.low > 0}}
  })
}

function statisticsOf(
  row: MeasuredRow,
  metricId: string,
  {task, reading: common}: TaskShortcuts,
): {readonly statistics: ReadonlyMap<string, readonly number[]>} | {readonly why: string} {
  const reading = row.readings.get(task)
  if (reading?.unfinished !== undefined) return {why: 'the run is unfinished'}
  if (reading === undefined || termDifferences(reading.terms, common.terms).length > 0)
    return {why: 'it was run under other conditions'}
  const statistics = reading.statistics.get(metricId)
  return statistics === undefined ? {why: `it was run without the metric ${metricId}`} : {statistics}
}

/** Sample by sample, in an order that the runs do not decide; both metrics are means of one number a sample. */
function differencesOf(
  ours: ReadonlyMap<string, readonly number[]>,
  policy: ReadonlyMap<string, readonly number[]>,
): (readonly number[] | undefined)[] {
  return [...ours.keys()].sort().map((id) => {
    const theirs = policy.get(id)
    return theirs === undefined ? undefined : [ours.get(id)![0]! - theirs[0]!]
  })
}
