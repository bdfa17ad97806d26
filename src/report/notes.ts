import type {Metric} from '../metrics/metric.ts'
import {commonReading, type MixedCell} from './comparable.ts'
import type {Duel} from './comparison.ts'
import type {JudgeChoice} from './judge-choice.ts'
import {judgeText, trustText} from './judge-text.ts'
import type {PublishedScores} from './published.ts'
import type {MeasuredRow} from './rows.ts'
import type {ScoreTable} from './score-table.ts'
import {conditionsText} from './terms.ts'

export interface NotesInput {
  readonly tables: readonly ScoreTable[]
  readonly duels: readonly Duel[]
  readonly rows: readonly MeasuredRow[]
  readonly tasks: readonly string[]
  readonly mixed: readonly MixedCell[]
  readonly metric: Metric
  readonly published: PublishedScores | undefined
  readonly judge: JudgeChoice | undefined
}

/** All that a reader must know under the tables; each note is one line of plain words. */
export function notesOf(input: NotesInput): string[] {
  return [
    ...definitions(input),
    ...input.tasks.flatMap((task) => conditions(input.rows, task)),
    ...input.mixed.map(
      ({row, task, differences}) =>
        `* ${task} of ${row} was run under other conditions than its column: ${differences.join('; ')}`,
    ),
    ...cautions(input),
    ...missingCells(input),
    ...(input.published === undefined
      ? []
      : [
          `Rows marked published: ${input.published.source}; printed with two decimals, without intervals; ${input.published.note}`,
        ]),
  ]
}

function definitions({tables, metric, duels, judge, tasks}: NotesInput): string[] {
  return [
    `RL is ${metric.id} (${metric.source}; version ${metric.version}), 0..1, with its 95% interval: percentile bootstrap over samples, 10,000 resamples, the run’s seed`,
    ...judgeNotes(judge, tasks),
    ...(tables.some(({hasAverage}) => hasAverage)
      ? ['Average is the plain mean of the four tasks; each task is resampled by itself for its interval']
      : []),
    ...(tables.some(({id}) => id === 'mixed')
      ? [
          'Public tasks and miniatures stand in one table here: its Average compares these rows with each other and says nothing about published averages',
        ]
      : []),
    'Failed samples are left out of RL and counted; prompt cut counts prompts shortened to fit the context, hit length limit counts answers that did not end by themselves',
    ...(duels.length === 0
      ? []
      : [
          'Verdicts are about the samples that both models scored: paired bootstrap interval, two-sided approximate randomisation with 10,000 draws, p after Holm over all tests shown; better is said when p < 0.05 and the interval excludes 0',
        ]),
  ]
}

/** A judge that has read nothing but generated texts. */
const REAL_TASKS =
  'RG of tasks whose name does not end in -mini, and of an average with them, is meaningless here: this judge was trained on generated texts alone'

/** Who stands behind RG. Which metric and which judge the paper used is not known, so ours always name themselves. */
function judgeNotes(judge: JudgeChoice | undefined, tasks: readonly string[]): string[] {
  if (judge === undefined)
    return ['RG is the judge score, 0..1; not judged means that no judge has scored the run']
  const {card, others} = judge
  const trust = trustText(card)
  const hasReal = tasks.some((task) => !task.endsWith('-mini'))
  return [
    `RG is the judge score, 0..1 (${judgeText(card)}; judge ${card.id}), with a 95% interval that draws samples and votes; what could not be judged is left out and counted, and stands as 0 in the column beside it`,
    ...(trust === undefined ? [] : [trust]),
    ...(trust === undefined || !hasReal ? [] : [REAL_TASKS]),
    'Which Ragas metric and which judge the paper used is not known: published RG and ours are different measures',
    ...(others.length > 0
      ? [
          `Other judges have scored some of these runs and are not shown: ${others.map(({id, method}) => `${method} ${id}`).join(', ')}`,
        ]
      : []),
  ]
}

function conditions(rows: readonly MeasuredRow[], task: string): string[] {
  const readings = rows.flatMap((row) => row.readings.get(task) ?? [])
  const common = commonReading(readings)
  return common === undefined ? [] : [`${task}: ${conditionsText(common.terms)}`]
}

function cautions({rows, tasks}: NotesInput): string[] {
  const batching = rows.flatMap((row) => {
    const why = [...row.readings.values()].find((reading) => reading.model.batching !== undefined)?.model
      .batching
    return why === undefined ? [] : [`Answers of ${row.name} can depend on the rows beside them: ${why}`]
  })
  const uncounted = tasks.flatMap((task) => {
    const reading = rows.flatMap((row) => row.readings.get(task) ?? []).find(hasUncounted)
    return reading === undefined
      ? []
      : [`${task}: questions without an answer do not count for RL (ROUGE of two empty texts is 0)`]
  })
  return [
    ...uncounted,
    ...(tasks.includes('squad')
      ? [
          'squad: questions share paragraphs, which the intervals do not know of; they are somewhat too narrow',
        ]
      : []),
    ...(tasks.some((task) => task.endsWith('-mini'))
      ? [
          'Tasks named -mini are small built-in tasks of generated text: their numbers say nothing about the public tasks',
        ]
      : []),
    ...(rows.some(({training}) => training === 'untrained')
      ? [
          'Rows marked untrained hold random weights: they show that the program works, not how good a model is',
        ]
      : []),
    ...batching,
  ]
}

function hasUncounted({
  rougeL,
  tally,
}: {
  readonly rougeL: ReadonlyMap<string, number> | undefined
  readonly tally: {readonly scored: number}
}): boolean {
  return rougeL !== undefined && rougeL.size < tally.scored
}

/** Why each missing cell is missing, one note for each row and reason. */
function missingCells({tables, judge}: NotesInput): string[] {
  const tasksByReason = new Map<string, string[]>()
  for (const table of tables)
    for (const row of table.groups.flatMap(({rows}) => rows))
      for (const [column, {rl, rg}] of [...row.scores, row.average].entries()) {
        const isShown = column < table.tasks.length || table.hasAverage
        // That nobody has judged anything is said once, above.
        const cell = rl.kind === 'missing' || judge === undefined ? rl : rg
        if (cell.kind !== 'missing' || !isShown) continue
        const reason = `${row.name}: ${cell.short}, ${cell.why}`
        tasksByReason.set(reason, [...(tasksByReason.get(reason) ?? []), table.tasks[column] ?? 'Average'])
      }
  return [...tasksByReason].map(([reason, tasks]) => `${tasks.join(', ')} of ${reason}`)
}
