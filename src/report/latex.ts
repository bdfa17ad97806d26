import {type Grid, type GridCell, oneLine, type Page, type Picture, type Section} from './page.ts'

/**
 * Tables for a paper, to be `\input` where booktabs and graphicx are loaded; a table wider than the text is scaled down to it.
 * Sections of lines become lists.
 */
export function latex(page: Page): string {
  const blocks = page.sections.map(block)
  const title = `% ${oneLine(page.title)}\n% Needs \\usepackage{booktabs}, \\usepackage{graphicx} and \\usepackage[T1]{fontenc}`
  return `${[title, ...blocks].join('\n\n')}\n`
}

function block(section: Section): string {
  switch (section.kind) {
    case 'grid':
      return gridBlock(section)
    case 'lines':
      return [
        `\\paragraph{${escapeLatex(section.title)}}`,
        '\\begin{itemize}',
        ...section.lines.map((line) => `  \\item ${escapeLatex(line)}`),
        '\\end{itemize}',
      ].join('\n')
    case 'picture':
      return pictureBlock(section)
  }
}

/** LaTeX cannot set an SVG: once somebody has made a PDF of it, that is shown. */
function pictureBlock({title, file}: Picture): string {
  const pdf = file.replace(/\.svg$/, '.pdf')
  return [
    '\\begin{figure}',
    '  \\centering',
    `  \\IfFileExists{${pdf}}{\\includegraphics[width=\\linewidth]{${pdf}}}{(make ${escapeLatex(pdf)} of ${escapeLatex(file)})}`,
    `  \\caption{${escapeLatex(title)}}`,
    '\\end{figure}',
  ].join('\n')
}

function gridBlock(grid: Grid): string {
  const line = (cells: readonly string[]): string => `    ${cells.join(' & ')} \\\\`
  return [
    '\\begin{table}',
    '  \\centering',
    ...(grid.title === '' ? [] : [`  \\caption{${escapeLatex(grid.title)}}`]),
    '  \\resizebox{\\ifdim\\width>\\linewidth\\linewidth\\else\\width\\fi}{!}{%',
    `  \\begin{tabular}{l${'c'.repeat(grid.columns.length - 1)}}`,
    '    \\toprule',
    line(grid.columns.map(escapeLatex)),
    ...grid.groups.flatMap((group) => [
      '    \\midrule',
      ...(group.heading === ''
        ? []
        : [line([`\\multicolumn{${grid.columns.length}}{l}{\\textbf{${escapeLatex(group.heading)}}}`])]),
      ...group.rows.map((row) => line(row.map((cell, column) => cellText(cell, column === 0 ? 'l' : 'c')))),
    ]),
    '    \\bottomrule',
    '  \\end{tabular}}',
    '\\end{table}',
  ].join('\n')
}

function cellText(cell: GridCell, align: 'l' | 'c'): string {
  if (cell.detail === undefined) return escapeLatex(cell.text)
  return `\\shortstack[${align}]{${escapeLatex(cell.text)}\\\\{\\scriptsize ${escapeLatex(cell.detail)}}}`
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

/** What pdflatex cannot set without further fonts: anything beyond Latin letters and common punctuation. */
const NOT_LATIN = /[^ -\u017f‘’“”–—…€]/gu

function escapeLatex(text: string): string {
  return oneLine(text)
    .replaceAll(NOT_LATIN, (character) => `[U+${character.codePointAt(0)!.toString(16).toUpperCase()}]`)
    .replaceAll(/[\\{}$&#%_~^<>|"`[\]]|-(?=-)/g, (mark) => LATEX[mark]!)
}
