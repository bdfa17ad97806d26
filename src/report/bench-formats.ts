import type {BenchComparison} from './bench-comparison.ts'
import {benchCsv} from './bench-csv.ts'
import {benchJson} from './bench-json.ts'
import {benchPage} from './bench-page.ts'
import type {DrawnFigure} from './figure.ts'
import type {Format} from './formats.ts'
import {html} from './html.ts'
import {latex} from './latex.ts'
import {markdown} from './markdown.ts'
import {terminal} from './terminal.ts'

/** File names of the formats in a folder. */
export const BENCH_FORMAT_FILES: Readonly<Record<Format, string>> = {
  terminal: 'bench.txt',
  csv: 'bench.csv',
  markdown: 'bench.md',
  latex: 'bench.tex',
  html: 'bench.html',
  json: 'bench.json',
}

/** The measurements as the text of one format; ends with a newline. `drawn`: the figures that stand beside it or in it. */
export function formatBench(
  comparison: BenchComparison,
  format: Format,
  drawn: readonly DrawnFigure[] = [],
): string {
  switch (format) {
    case 'terminal':
      return terminal(benchPage(comparison, drawn))
    case 'csv':
      return benchCsv(comparison)
    case 'markdown':
      return markdown(benchPage(comparison, drawn))
    case 'latex':
      return latex(benchPage(comparison, drawn))
    case 'html':
      return html(benchPage(comparison, drawn))
    case 'json':
      return `${JSON.stringify(benchJson(comparison), null, 2)}\n`
  }
}
