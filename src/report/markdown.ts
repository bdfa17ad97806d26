import {type Grid, type GridCell, oneLine, type Page, type Section} from './page.ts'

/** GitHub-flavoured Markdown; all text is escaped, so a model's name cannot become a link, a tag or a new column. */
export function markdown(page: Page): string {
  return `${[`# ${escapeMarkdown(page.title)}`, ...page.sections.map(block)].join('\n\n')}\n`
}

function block(section: Section): string {
  switch (section.kind) {
    case 'grid':
      return gridBlock(section)
    case 'lines':
      return `## ${escapeMarkdown(section.title)}\n\n${section.lines.map((line) => `- ${escapeMarkdown(line)}`).join('\n')}`
    case 'picture':
      return `## ${escapeMarkdown(section.title)}\n\n![${escapeMarkdown(section.alt)}](${section.file})`
  }
}

function gridBlock(grid: Grid): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`
  const empty = grid.columns.slice(1).map(() => '')
  return [
    ...(grid.title === '' ? [] : [`## ${escapeMarkdown(grid.title)}`, '']),
    line(grid.columns.map(escapeMarkdown)),
    line(grid.columns.map(() => '---')),
    ...grid.groups.flatMap((group) => [
      ...(group.heading === '' ? [] : [line([`**${escapeMarkdown(group.heading)}**`, ...empty])]),
      ...group.rows.map((row) => line(row.map(cellText))),
    ]),
  ].join('\n')
}

function cellText(cell: GridCell): string {
  return cell.detail === undefined
    ? escapeMarkdown(cell.text)
    : `${escapeMarkdown(cell.text)}<br>${escapeMarkdown(cell.detail)}`
}

/** HTML as entities, Markdown's own marks with a backslash; bare addresses lose the colon that would make them links. */
function escapeMarkdown(text: string): string {
  return oneLine(text)
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll(/[\\`*_[\]#|~$@]/g, (mark) => `\\${mark}`)
    .replace(/^(\d*)([-+.)])(?=\s|$)/, '$1\\$2')
    .replaceAll(/(https?|ftp):/giu, '$1&#58;')
    .replaceAll(/www\./giu, 'www&#46;')
}
