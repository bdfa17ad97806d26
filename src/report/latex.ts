import {type Grid, type GridCell, oneLine, type Page} from './page.ts'

/** Tables for a paper: booktabs, to be `\input` where `\usepackage{booktabs}` is in force; lines become plain paragraphs. */
export function latex(page: Page): string {
  const blocks = page.sections.map((section) =>
    section.kind === 'grid'
      ? gridBlock(section)
      : [
          `\\paragraph{${escapeLatex(section.title)}}`,
          '\\begin{itemize}',
          ...section.lines.map((line) => `  \\item ${escapeLatex(line)}`),
          '\\end{itemize}',
        ].join('\n'),
  )
  const title = `% ${oneLine(page.title)}\n% Needs \\usepackage{booktabs} and \\usepackage[T1]{fontenc}`
  return `${[title, ...blocks].join('\n\n')}\n`
}

function gridBlock(grid: Grid): string {
  const line = (cells: readonly string[]): string => `    ${cells.join(' & ')} \\\\`
  return [
    '\\begin{table}',
    '  \\centering',
    ...(grid.title === '' ? [] : [`  \\caption{${escapeLatex(grid.title)}}`]),
    `  \\begin{tabular}{l${'c'.repeat(grid.columns.length - 1)}}`,
    '    \\toprule',
    line(grid.columns.map(escapeLatex)),
    ...grid.groups.flatMap((group) => [
      '    \\midrule',
      ...(group.heading === ''
        ? []
        : [line([`\\multicolumn{${grid.columns.length}}{l}{\\textbf{${escapeLatex(group.heading)}}}`])]),
      ...group.rows.map((row) => line(row.map(cellText))),
    ]),
    '    \\bottomrule',
    '  \\end{tabular}',
    '\\end{table}',
  ].join('\n')
}

function cellText(cell: GridCell): string {
  if (cell.detail === undefined) return escapeLatex(cell.text)
  return `\\shortstack{${escapeLatex(cell.text)}\\\\{\\scriptsize ${escapeLatex(cell.detail)}}}`
}

const LATEX: Readonly<Record<string, string>> = {
  '\\': '\\textbackslash{}',
  '{': '\\{',
  '}': '\\}',
  $: '\\$',
  '&': '\\&',
  '#': '\\#',
  '%': '\\%',
  _: '\\_',
  '~': '\\textasciitilde{}',
  '^': '\\textasciicircum{}',
  '<': '\\textless{}',
  '>': '\\textgreater{}',
  '|': '\\textbar{}',
  '"': '\\textquotedbl{}',
  '`': '\\textasciigrave{}',
  // A row that begins with a bracket would be read as the optional argument of the `\\` before it.
  '[': '{[}',
  ']': '{]}',
  '-': '{-}',
}

function escapeLatex(text: string): string {
  return oneLine(text).replaceAll(/[\\{}$&#%_~^<>|"`[\]]|-(?=-)/g, (mark) => LATEX[mark]!)
}
