import {type Grid, type GridCell, oneLine, type Page, type Section} from './page.ts'

/** Fits a terminal of this many columns; fixed, so that the same records print the same bytes everywhere. */
const WIDTH = 100
const NARROWEST_NAME = 15

/** Aligned plain text without colour. */
export function terminal(page: Page): string {
  const blocks = page.sections.map(block)
  return `${[...titleLines(page.title), ...blocks].join('\n\n')}\n`
}

function block(section: Section): string {
  switch (section.kind) {
    case 'grid':
      return gridBlocks(section)
    case 'lines':
      return [...titleLines(section.title), ...section.lines.flatMap((line) => bullet(line))].join('\n')
    case 'picture':
      return [...titleLines(section.title), ...bullet(`drawn in ${section.file}`)].join('\n')
  }
}

function bullet(line: string): string[] {
  return wrap(oneLine(line), WIDTH - 2).map((part, index) => `${index === 0 ? '- ' : '  '}${part}`)
}

/** No line for an empty title. */
function titleLines(title: string): string[] {
  return title === '' ? [] : wrap(oneLine(title), WIDTH)
}

function gridBlocks(grid: Grid): string {
  return columnRuns(grid)
    .map((columns) => gridBlock(grid, columns))
    .join('\n\n')
}

/** Widths of all columns but the first, which takes what is left. */
function widths(grid: Grid): number[] {
  const rows = grid.groups.flatMap((group) => group.rows)
  return grid.columns.map((heading, column) =>
    Math.max(
      displayWidth(oneLine(heading)),
      ...rows.flatMap((row) => linesOf(row[column]!).map((line) => displayWidth(line))),
    ),
  )
}

/** Too many columns for one width are printed in several runs, each with the row names. */
function columnRuns(grid: Grid): number[][] {
  const wide = widths(grid)
  const runs: number[][] = []
  let used = WIDTH
  for (let column = 1; column < wide.length; column++) {
    if (used + wide[column]! + 1 > WIDTH) {
      runs.push([])
      used = NARROWEST_NAME
    }
    runs.at(-1)!.push(column)
    used += wide[column]! + 1
  }
  return runs.length === 0 ? [[]] : runs
}

function gridBlock(grid: Grid, columns: readonly number[]): string {
  const wide = widths(grid)
  const valuesWidth = (gap: number): number => columns.reduce((sum, column) => sum + wide[column]! + gap, 0)
  const gap = wide[0]! + 2 + valuesWidth(2) <= WIDTH ? 2 : 1
  const nameWidth = Math.max(NARROWEST_NAME, Math.min(wide[0]! + 2, WIDTH - valuesWidth(gap)))
  const line = (name: string, values: readonly string[]): string =>
    [pad(name, nameWidth), ...values.map((value, index) => pad(value, wide[columns[index]!]!))]
      .join(' '.repeat(gap))
      .trimEnd()
  const row = (cells: readonly GridCell[]): string[] => {
    const name = linesOf(cells[0]!).flatMap((text) => wrap(text, nameWidth - 2))
    const values = columns.map((column) => linesOf(cells[column]!))
    const height = Math.max(name.length, ...values.map((lines) => lines.length))
    return Array.from({length: height}, (_, at) =>
      line(
        name[at] === undefined ? '' : `  ${name[at]}`,
        values.map((lines) => lines[at] ?? ''),
      ),
    )
  }
  return [
    ...titleLines(grid.title),
    line(
      oneLine(grid.columns[0]!),
      columns.map((column) => oneLine(grid.columns[column]!)),
    ),
    '-'.repeat(nameWidth + valuesWidth(gap)),
    ...grid.groups.flatMap((group) => [...titleLines(group.heading), ...group.rows.flatMap(row)]),
  ].join('\n')
}

function linesOf(cell: GridCell): string[] {
  return [cell.text, ...(cell.detail === undefined ? [] : [cell.detail])].map(oneLine)
}

/** Breaks at spaces, and inside a word only where the word alone is too long. */
function wrap(text: string, width: number): string[] {
  const lines: string[] = []
  let line = ''
  for (const word of text.split(' ')) {
    const joined = line === '' ? word : `${line} ${word}`
    if (displayWidth(joined) <= width) {
      line = joined
      continue
    }
    if (line !== '') lines.push(line)
    const pieces = pieceWord(word, width)
    lines.push(...pieces.slice(0, -1))
    line = pieces.at(-1)!
  }
  return [...lines, line]
}

function pieceWord(word: string, width: number): string[] {
  const pieces = ['']
  for (const character of word) {
    if (displayWidth(pieces.at(-1)! + character) > width) pieces.push('')
    pieces[pieces.length - 1] += character
  }
  return pieces
}

function pad(text: string, width: number): string {
  return text + ' '.repeat(Math.max(0, width - displayWidth(text)))
}

const WIDE =
  /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|\p{Emoji_Presentation}/u

/** Terminal cells: East Asian wide characters and emoji take two, combining marks none. */
function displayWidth(text: string): number {
  let width = 0
  for (const character of text) width += /\p{M}/u.test(character) ? 0 : WIDE.test(character) ? 2 : 1
  return width
}
