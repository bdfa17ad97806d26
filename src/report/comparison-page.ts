import type {Comparison} from './comparison.ts'
import {duelLines} from './duel-text.ts'
import type {Grid, GridCell, Page, Section} from './page.ts'
import type {ScoreRow, ScoreTable} from './score-table.ts'
import {scoreText} from './score-text.ts'

/** The comparison as a person reads it: tables, verdicts, the samples behind the numbers, notes. */
export function comparisonPage(comparison: Comparison): Page {
  const {tables, duels, notes} = comparison
  const samples = samplesGrid(tables)
  const sections: Section[] = [
    ...tables.map(scoreGrid),
    ...duels.map(
      (duel): Section => ({
        kind: 'lines',
        title: `Which is better? ${duel.encDec} against ${duel.decOnly}`,
        lines: duelLines(duel),
      }),
    ),
    ...(samples.groups.length === 0 ? [] : [samples]),
    {kind: 'lines', title: 'Notes', lines: notes},
  ]
  return {title: 'Encoder-decoder or decoder-only?', sections}
}

const PAPER_COLUMNS: Readonly<Record<string, string>> = {
  squad: 'SQuAD',
  ielts: 'IELTS',
  codex: 'CodeX',
  xsum: 'XSum',
}

function scoreGrid(table: ScoreTable): Grid {
  return {
    kind: 'grid',
    title: table.title,
    columns: [
      'model',
      ...table.tasks.map((task) => PAPER_COLUMNS[task] ?? task),
      ...(table.hasAverage ? ['Average'] : []),
    ],
    groups: table.groups.map(({heading, rows}) => ({
      heading,
      rows: rows.map((row) => [
        nameCell(row),
        ...row.scores.map(scoreText),
        ...(table.hasAverage ? [scoreText(row.average)] : []),
      ]),
    })),
  }
}

function nameCell({name, parameters}: ScoreRow): GridCell {
  switch (parameters.kind) {
    case 'missing':
      return {text: name, detail: parameters.short}
    case 'number':
      return {text: name, detail: `${grouped(parameters.value)} parameters`}
    case 'estimate':
      return {text: name}
  }
}

/** Thousands apart, whatever the language of the machine. */
function grouped(count: number): string {
  return String(count).replaceAll(/\B(?=(\d{3})+$)/g, ',')
}

/** One line for each measured cell: what became of its samples. */
function samplesGrid(tables: readonly ScoreTable[]): Grid {
  const groups = tables.flatMap((table) =>
    table.tasks.map((task, column) => ({
      heading: task,
      rows: table.groups
        .flatMap((group) => group.rows)
        .flatMap((row): GridCell[][] => {
          const {rl, tally} = row.scores[column]!
          if (tally === undefined) return []
          const counted = rl.kind === 'estimate' ? rl.estimate.count : 0
          const counts = [tally.planned, counted, tally.failed, tally.truncated, tally.hitLength]
          return [[{text: row.name}, ...counts.map((count) => ({text: String(count)}))]]
        }),
    })),
  )
  return {
    kind: 'grid',
    title: 'Samples behind the scores',
    columns: ['task, model', 'samples', 'counted in RL', 'failed', 'prompt cut', 'hit length limit'],
    groups: groups.filter(({rows}) => rows.length > 0),
  }
}
