import {type Cell, type Missing, missing} from './cell.ts'
import {averageEstimate, meanEstimate} from './estimates.ts'
import {PLACE_HEADINGS} from './place.ts'
import {RL_METRIC} from './read-runs.ts'
import type {ScoreCell, ScoreRow, ScoreTable} from './score-table.ts'
import type {TaskShortcuts} from './shortcut-readings.ts'

/** The tables with the policies of their tasks under them, as a group of rows of its own; under measured rows alone. */
export function withShortcutRows(
  tables: readonly ScoreTable[],
  shortcuts: readonly TaskShortcuts[],
): ScoreTable[] {
  return tables.map((table) => {
    const titles = titlesOf(shortcuts.filter(({task}) => table.tasks.includes(task)))
    if (table.id === 'published' || titles.length === 0) return table
    const rows = titles.map((title) => shortcutRow(title, table, shortcuts))
    const group = {place: 'shortcut', heading: PLACE_HEADINGS.shortcut, rows} as const
    return {...table, groups: [...table.groups, group]}
  })
}

/** Each title once: what is to be beaten first, then what is to be reached. */
function titlesOf(shortcuts: readonly TaskShortcuts[]): string[] {
  const policies = shortcuts.flatMap((one) => one.policies)
  const titles = (isCeiling: boolean): string[] =>
    policies.filter((policy) => policy.isCeiling === isCeiling).map(({title}) => title)
  return [...new Set([...titles(false), ...titles(true)])]
}

function shortcutRow(title: string, table: ScoreTable, shortcuts: readonly TaskShortcuts[]): ScoreRow {
  const values = table.tasks.map((task) => valuesOf(title, task, shortcuts))
  const scores = values.map((value, column) =>
    scoreCell(
      'kind' in value
        ? value
        : {kind: 'estimate', estimate: meanEstimate(value, seedOf(table.tasks[column]!, shortcuts))},
    ),
  )
  return {
    name: title,
    source: 'policy',
    model: title,
    architecture: 'not stated',
    training: 'not stated',
    split: '',
    parameters: missing('policy, no model', 'a policy has no parameters: the program computes it'),
    scores,
    average: scoreCell(averageCell(table, values, shortcuts)),
  }
}

/** Every row's ROUGE-L, or why there is none. */
function valuesOf(
  title: string,
  task: string,
  shortcuts: readonly TaskShortcuts[],
): readonly number[] | Missing {
  const found = shortcuts.find((one) => one.task === task)
  if (found?.whyMissing !== undefined) return missing('not computed', found.whyMissing)
  const policy = found?.policies.find((one) => one.title === title)
  if (policy === undefined) return missing('no such policy', `${task} has no such policy`)
  if (policy.scores.kind === 'missing') return missing('not computed', policy.scores.why)
  const statistics = policy.scores.metrics.get(RL_METRIC)
  if (statistics === undefined || statistics.size === 0)
    return missing('no scores', `${task} has no row that counts for ${RL_METRIC}`)
  return [...statistics.values()].map(([value = 0]) => value)
}

function averageCell(
  table: ScoreTable,
  values: readonly (readonly number[] | Missing)[],
  shortcuts: readonly TaskShortcuts[],
): Cell {
  const parts = values.filter((value): value is readonly number[] => !('kind' in value))
  // The four tasks of the paper, or their miniatures.
  if (parts.length < 4 || !table.hasAverage)
    return missing('incomplete', 'the average needs the policy in all four tasks')
  return {kind: 'estimate', estimate: averageEstimate(parts, seedOf(table.tasks[0]!, shortcuts))}
}

function seedOf(task: string, shortcuts: readonly TaskShortcuts[]): number {
  return shortcuts.find((one) => one.task === task)?.reading.seed ?? 0
}

function scoreCell(rl: Cell): ScoreCell {
  const rg = rl.kind === 'missing' ? rl : missing('not judged', 'policies are not judged')
  return {rl, rg, tally: undefined, judged: undefined, isMixed: false}
}
