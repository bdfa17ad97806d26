import {type Grid, type GridCell, oneLine, type Page, type Section} from './page.ts'

const STYLE = `
:root { color-scheme: light dark; --line: #8888; --soft: #8881; }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 70rem; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.5rem; } h2 { font-size: 1.15rem; margin-top: 2.5rem; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; border-top: 2px solid; border-bottom: 2px solid; font-variant-numeric: tabular-nums; }
th, td { padding: .3rem .8rem; text-align: left; vertical-align: top; }
thead th { border-bottom: 1px solid; white-space: nowrap; }
tbody th { font-weight: normal; max-width: 24rem; overflow-wrap: anywhere; }
tr.group th { font-weight: 600; background: var(--soft); border-top: 1px solid var(--line); }
td { white-space: nowrap; }
small { display: block; opacity: .75; }
li { margin: .25rem 0; overflow-wrap: anywhere; }
@media print { body { margin: 0; max-width: none; } }
`

/** One self-contained page: no scripts, no outside files, all text escaped. */
export function html(page: Page): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${escapeHtml(page.title)}</title>
<style>${STYLE}</style>
</head>
<body>
<h1>${escapeHtml(page.title)}</h1>
${page.sections.map(sectionHtml).join('\n')}
</body>
</html>
`
}

function sectionHtml(section: Section): string {
  const heading = section.title === '' ? '' : `<h2>${escapeHtml(section.title)}</h2>\n`
  if (section.kind === 'picture')
    return `<section>\n${heading}<figure style="margin:1rem 0;overflow-x:auto" role="img" aria-label="${escapeHtml(section.alt)}">${section.svg}</figure>\n</section>`
  if (section.kind === 'grid') return `<section>\n${heading}${gridHtml(section)}\n</section>`
  const items = section.lines.map((line) => `<li>${escapeHtml(line)}</li>`).join('\n')
  return `<section>\n${heading}<ul>\n${items}\n</ul>\n</section>`
}

function gridHtml(grid: Grid): string {
  const head = grid.columns.map((column) => `<th scope="col">${escapeHtml(column)}</th>`).join('')
  const bodies = grid.groups.map((group) => {
    const heading =
      group.heading === ''
        ? ''
        : `<tr class="group"><th scope="rowgroup" colspan="${grid.columns.length}">${escapeHtml(group.heading)}</th></tr>\n`
    return `<tbody>\n${heading}${group.rows.map(rowHtml).join('\n')}\n</tbody>`
  })
  return `<div class="scroll"><table>\n<thead><tr>${head}</tr></thead>\n${bodies.join('\n')}\n</table></div>`
}

function rowHtml(row: readonly GridCell[]): string {
  const [name, ...values] = row
  return `<tr><th scope="row">${cellHtml(name!)}</th>${values.map((cell) => `<td>${cellHtml(cell)}</td>`).join('')}</tr>`
}

function cellHtml(cell: GridCell): string {
  return cell.detail === undefined
    ? escapeHtml(cell.text)
    : `${escapeHtml(cell.text)}<small>${escapeHtml(cell.detail)}</small>`
}

function escapeHtml(text: string): string {
  return oneLine(text)
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;')
}
