import {type Cell, type Missing, missing} from './cell.ts'
import type {MixedCell} from './comparable.ts'
import {averageEstimate, meanEstimate} from './estimates.ts'
import {averageJudgeCell, judgeCell} from './judge-cells.ts'
import type {JudgeChoice} from './judge-choice.ts'
import {PLACE_HEADINGS, PLACES} from './place.ts'
import {PUBLISHED_TASKS, type PublishedScores} from './published.ts'
import {compareRows, type MeasuredRow} from './rows.ts'
import type {ScoreCell, ScoreGroup, ScoreRow, ScoreTable, TableId} from './score-table.ts'

const MINIATURES = PUBLISHED_TASKS.map((task) => `${task}-mini`)

const TITLES: Readonly<Record<TableId, string>> = {
  paper: 'RL/RG: ROUGE-L and judge score',
  miniature: 'RL/RG: ROUGE-L and judge score, built-in miniature tasks',
  mixed: 'RL/RG: ROUGE-L and judge score, public tasks and built-in miniatures',
  own: 'RL/RG: ROUGE-L and judge score, other tasks',
  published: 'RL/RG as published',
}

/**
 * The paper's tasks, the miniatures and other tasks each get their own table, so that a published row never stands over
 * miniature columns. Only where public tasks and miniatures together fill the paper's four columns, once each, are they
 * one table: neither kind alone would have an average.
 */
export function scoreTables(
  rows: readonly MeasuredRow[],
  tasks: readonly string[],
  mixed: readonly MixedCell[],
  published: PublishedScores | undefined,
  judge: JudgeChoice | undefined,
): ScoreTable[] {
  const tables = familiesOf(tasks)
    .filter(({columns}) => columns.length > 0)
    .map(({id, columns, four}): ScoreTable => {
      const ours = rows.map((row) => ({place: row.place, row: scoreRow(row, columns, four, {mixed, judge})}))
      const theirs = id === 'paper' ? (published?.groups(columns) ?? []) : []
      return {
        id,
        title: TITLES[id],
        tasks: columns,
        hasAverage: four.length > 0,
        groups: grouped(ours, theirs),
      }
    })
  if (published === undefined || tables.some(({id}) => id === 'paper')) return tables
  const groups = published.groups(PUBLISHED_TASKS)
  return [
    ...tables,
    {id: 'published', title: TITLES.published, tasks: PUBLISHED_TASKS, hasAverage: true, groups},
  ]
}

interface Family {
  readonly id: TableId
  readonly columns: readonly string[]
  /** Whose mean is the average. */
  readonly four: readonly string[]
}

function familiesOf(tasks: readonly string[]): Family[] {
  const inOrder = (order: readonly string[]): string[] => order.filter((task) => tasks.includes(task))
  const [real, small] = [inOrder(PUBLISHED_TASKS), inOrder(MINIATURES)]
  const own = tasks.filter((task) => ![...PUBLISHED_TASKS, ...MINIATURES].includes(task))
  const filled = PUBLISHED_TASKS.map((task) => inOrder([task, `${task}-mini`]))
  const isMixed = real.length > 0 && small.length > 0 && filled.every((column) => column.length === 1)
  const families: readonly Family[] = isMixed
    ? [{id: 'mixed', columns: filled.flat(), four: filled.flat()}]
    : [
        {id: 'paper', columns: real, four: PUBLISHED_TASKS},
        {id: 'miniature', columns: small, four: MINIATURES},
      ]
  return [...families, {id: 'own', columns: own, four: []}]
}

function grouped(
  ours: readonly {readonly place: ScoreGroup['place']; readonly row: ScoreRow}[],
  theirs: readonly ScoreGroup[],
): ScoreGroup[] {
  return PLACES.map(
    (place): ScoreGroup => ({
      place,
      heading: PLACE_HEADINGS[place],
      rows: [
        ...ours.filter((entry) => entry.place === place).map(({row}) => row),
        ...theirs.filter((group) => group.place === place).flatMap(({rows}) => rows),
      ].sort(compareRows),
    }),
  ).filter(({rows}) => rows.length > 0)
}

function scoreRow(
  row: MeasuredRow,
  columns: readonly string[],
  four: readonly string[],
  conditions: Conditions,
): ScoreRow {
  const scores = columns.map((task) => scoreCell(row, task, conditions))
  const {parameters} = row.model
  return {
    name: row.name,
    source: 'measured',
    model: row.model.name,
    architecture: row.model.architecture,
    training: row.training,
    split: row.split,
    parameters:
      parameters === undefined
        ? missing('parameters not stated', 'the run does not say how many parameters the model has')
        : {kind: 'number', value: parameters},
    scores,
    average: averageCell(row, columns, four, scores, conditions.judge),
  }
}

/** What decides how the cells of all rows are read. */
interface Conditions {
  readonly mixed: readonly MixedCell[]
  readonly judge: JudgeChoice | undefined
}

function scoreCell(row: MeasuredRow, task: string, {mixed, judge}: Conditions): ScoreCell {
  const reading = row.readings.get(task)
  const rl = rougeCell(row, task)
  const judged =
    rl.kind === 'missing' || reading === undefined ? {rg: rl, judged: undefined} : judgeCell(reading, judge)
  return {
    rl,
    ...judged,
    tally: reading?.tally,
    isMixed: mixed.some((cell) => cell.row === row.name && cell.task === task),
  }
}

function rougeCell(row: MeasuredRow, task: string): Cell {
  const reading = row.readings.get(task)
  const why = row.whyMissing.get(task)
  if (reading === undefined)
    return why === undefined
      ? missing('not run', `${task} was not run with this model`)
      : missing('failed', why)
  if (reading.unfinished !== undefined) return missing('unfinished', reading.unfinished)
  if (reading.rougeL === undefined) return missing('not scored', `${task} was run without the metric rougeL`)
  if (reading.rougeL.size > 0)
    return {kind: 'estimate', estimate: meanEstimate([...reading.rougeL.values()], reading.seed)}
  return reading.tally.scored === 0
    ? missing('no scores', `all ${reading.tally.failed} samples failed`)
    : missing('no scores', `none of ${reading.tally.scored} samples counts for rougeL`)
}

/** The plain mean of the four tasks; there is none unless all four are there. */
function averageCell(
  row: MeasuredRow,
  columns: readonly string[],
  four: readonly string[],
  scores: readonly ScoreCell[],
  judge: JudgeChoice | undefined,
): ScoreCell {
  const absent = four.filter((task) => scores[columns.indexOf(task)]?.rl.kind !== 'estimate')
  const readings = four.flatMap((task) => row.readings.get(task) ?? [])
  const parts = readings.map(({rougeL}) => [...(rougeL?.values() ?? [])])
  const rl: Cell | Missing =
    absent.length === 0
      ? {kind: 'estimate', estimate: averageEstimate(parts, readings[0]?.seed ?? 0)}
      : missing('incomplete', `the average needs ${absent.join(', ')} too`)
  const rgParts = four.map((task) => ({
    task,
    reading: row.readings.get(task),
    rg: scores[columns.indexOf(task)]?.rg,
  }))
  return {
    rl,
    rg: rl.kind === 'missing' ? rl : averageJudgeCell(rgParts, judge),
    judged: undefined,
    tally: undefined,
    isMixed: scores.some(({isMixed}) => isMixed),
  }
}
