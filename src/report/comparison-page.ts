import type {Comparison} from './comparison.ts'
import {duelLines} from './duel-text.ts'
import type {Grid, GridCell, Page, Section} from './page.ts'
import {grouped} from './quantity.ts'
import type {JudgedTally, ScoreRow, ScoreTable} from './score-table.ts'
import {scoreText} from './score-text.ts'
import {detailGrids} from './shortcut-pages.ts'
import {shortcutSections} from './shortcut-text.ts'

/** The comparison as a person reads it: tables, verdicts, the samples behind the numbers, notes. */
export function comparisonPage(comparison: Comparison): Page {
  const {tables, duels, shortcuts, notes} = comparison
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
    ...shortcutSections(shortcuts),
    ...detailGrids(shortcuts),
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
      return {text: name, detail: `${grouped(String(parameters.value))} parameters`}
    case 'estimate':
      return {text: name}
  }
}

/** One line for each measured cell: what became of its samples. */
function samplesGrid(tables: readonly ScoreTable[]): Grid {
  const rowsOf = (table: ScoreTable): readonly ScoreRow[] => table.groups.flatMap(({rows}) => rows)
  const isJudged = tables.flatMap(rowsOf).some(({scores}) => scores.some(({judged}) => judged !== undefined))
  const groups = tables.flatMap((table) =>
    table.tasks.map((task, column) => ({
      heading: task,
      rows: rowsOf(table).flatMap((row): GridCell[][] => {
        const {rl, tally, judged} = row.scores[column]!
        if (tally === undefined) return []
        const counted = rl.kind === 'estimate' ? rl.estimate.count : 0
        const counts = [tally.planned, counted, tally.failed, tally.truncated, tally.hitLength]
        const texts = [row.name, ...counts.map(String), ...(isJudged ? judgedTexts(judged) : [])]
        return [texts.map((text) => ({text}))]
      }),
    })),
  )
  return {
    kind: 'grid',
    title: 'Samples behind the scores',
    columns: [
      'task, model',
      'samples',
      'counted in RL',
      'failed',
      'prompt cut',
      'hit length limit',
      ...(isJudged ? ['judged', 'RG, failures as 0'] : []),
    ],
    groups: groups.filter(({rows}) => rows.length > 0),
  }
}

/** `judged n of m`, and what RG would be if everything else had scored 0. */
function judgedTexts(judged: JudgedTally | undefined): string[] {
  if (judged === undefined) return ['not judged', 'not judged']
  return [`${judged.judged} of ${judged.samples}`, judged.failuresAsZero.toFixed(2)]
}
