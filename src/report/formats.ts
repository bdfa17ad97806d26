import type {Comparison} from './comparison.ts'
import {comparisonPage} from './comparison-page.ts'
import {csv} from './csv.ts'
import {html} from './html.ts'
import {comparisonJson} from './json.ts'
import {latex} from './latex.ts'
import {markdown} from './markdown.ts'
import {terminal} from './terminal.ts'

export const FORMATS = ['terminal', 'csv', 'markdown', 'latex', 'html', 'json'] as const
export type Format = (typeof FORMATS)[number]

/** File names of the formats in a folder of tables. */
export const FORMAT_FILES: Readonly<Record<Format, string>> = {
  terminal: 'table.txt',
  csv: 'table.csv',
  markdown: 'table.md',
  latex: 'table.tex',
  html: 'index.html',
  json: 'table.json',
}

/** The comparison as the text of one format; ends with a newline. */
export function formatComparison(comparison: Comparison, format: Format): string {
  switch (format) {
    case 'terminal':
      return terminal(comparisonPage(comparison))
    case 'csv':
      return csv(comparison)
    case 'markdown':
      return markdown(comparisonPage(comparison))
    case 'latex':
      return latex(comparisonPage(comparison))
    case 'html':
      return html(comparisonPage(comparison))
    case 'json':
      return `${JSON.stringify(comparisonJson(comparison), null, 2)}\n`
  }
}
