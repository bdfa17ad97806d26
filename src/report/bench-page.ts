import type {BenchModelRecord} from '../store/bench-record.ts'
import type {PublishedEfficiency} from './bench-claims.ts'
import {
  type BenchComparison,
  type BenchRun,
  type MeasuredCell,
  RATIO_IDS,
  type RatioId,
  type RatioRow,
  type RatioTable,
} from './bench-comparison.ts'
import {BENCH_METRICS, type BenchMetricId} from './bench-metrics.ts'
import {cellText} from './bench-text.ts'
import {settingText} from './bench-verdicts.ts'
import type {DrawnFigure} from './figure.ts'
import type {Grid, GridCell, Lines, Page, Section} from './page.ts'
import {grouped, quantity} from './quantity.ts'

/**
 * The measurements as a person reads them: which one wins where, the ratios with the paper's claims beside them, the medians,
 * the figures with their data, notes. `drawn`: figures that were drawn; without them only their data stands there.
 */
export function benchPage(comparison: BenchComparison, drawn: readonly DrawnFigure[]): Page {
  const {runs, ratios, published, figures, notes} = comparison
  return {
    title: 'Encoder-decoder or decoder-only? Speed and memory',
    sections: [
      ...ratios.map(verdictLines),
      ...ratios.map((table) => ratioGrid(table, published)),
      ...runs.map(modelGrid),
      ...runs.flatMap(medianGrids),
      ...figures.flatMap((figure): Section[] => {
        const found = drawn.find(({id}) => id === figure.id)
        const {title, alt, table} = figure
        if (found === undefined) return [table]
        return [{kind: 'picture', title, alt, file: found.file, svg: found.svg}, table]
      }),
      {kind: 'lines', title: 'Notes', lines: notes},
    ],
  }
}

function verdictLines(table: RatioTable): Lines {
  const lines = [...table.warnings, ...table.verdicts]
  return {
    kind: 'lines',
    title: `Which wins where? ${pairTitle(table)}`,
    lines: lines.length > 0 ? lines : ['Nothing was measured on both sides'],
  }
}

/** `A over B`, as all ratios are. */
export function pairText({first, second}: RatioTable): string {
  return `${first.model} over ${second.model}`
}

/** With the dtype, which the names of models in several dtypes have already. */
function pairTitle(table: RatioTable): string {
  const {model, dtype} = table.first
  return model.split(' ').includes(dtype) ? pairText(table) : `${pairText(table)}, ${dtype}`
}

export const RATIO_TITLES: Readonly<Record<RatioId, string>> = {
  firstTokenMs: 'first token',
  decodeTokensPerSecond: 'decode tok/s',
  tokensPerSecond: 'all tok/s',
  endToEndMs: 'end to end',
  peakBytes: 'peak memory',
  flops: 'operations',
}

function ratioGrid(table: RatioTable, published: PublishedEfficiency): Grid {
  const groups = new Map<string, GridCell[][]>()
  for (const row of table.rows) {
    const heading = `${settingText(row)}, batch ${row.batch}, ${row.outputTokens} new tokens`
    groups.set(heading, [...(groups.get(heading) ?? []), ratioCells(row)])
  }
  return {
    kind: 'grid',
    title: `Ratios: ${pairTitle(table)}`,
    columns: ['input tokens', ...RATIO_IDS.map((id) => RATIO_TITLES[id])],
    groups: [
      ...[...groups].map(([heading, rows]) => ({heading, rows})),
      ...(table.kind === 'architectures'
        ? [{heading: 'The paper’s claims, encoder-decoder over decoder-only', rows: [claimCells(published)]}]
        : []),
    ],
  }
}

function ratioCells({inputTokens, ratios}: RatioRow): GridCell[] {
  return [{text: grouped(String(inputTokens))}, ...RATIO_IDS.map((id) => cellText(ratios[id]))]
}

/** The paper does not say whether its throughput has the first token in it, so its claim stands beside both. */
export function claimOf(
  {claims}: PublishedEfficiency,
  id: RatioId,
): PublishedEfficiency['claims']['flops'] | undefined {
  switch (id) {
    case 'firstTokenMs':
      return claims.firstTokenMs
    case 'decodeTokensPerSecond':
    case 'tokensPerSecond':
      return claims.tokensPerSecond
    case 'peakBytes':
      return claims.peakBytes
    case 'flops':
      return claims.flops
    case 'endToEndMs':
      return undefined
  }
}

function claimCells(published: PublishedEfficiency): GridCell[] {
  return [
    {text: 'published'},
    ...RATIO_IDS.map((id): GridCell => {
      const claim = claimOf(published, id)
      if (claim === undefined) return {text: 'not published'}
      const [from, to] = claim.ratio
      return {
        text: from === to ? quantity(from) : `${quantity(from)} to ${quantity(to)}`,
        detail: claim.printed,
      }
    }),
  ]
}

function modelGrid({run, machine, models}: BenchRun): Grid {
  const where = machine === undefined ? '' : ` on ${machine.cpu}, ${machine.platform}-${machine.arch}`
  return {
    kind: 'grid',
    title: `Models of ${run}${where}`,
    columns: ['model', 'architecture', 'parameters', 'dtype', 'program', 'threads'],
    groups: [{heading: '', rows: models.map(modelCells)}],
  }
}

function modelCells(record: BenchModelRecord): GridCell[] {
  const {model, architecture, parameters, dtype, program, threads} = record
  const count = typeof parameters === 'number' ? grouped(String(parameters)) : 'not known'
  return [model, architecture, count, dtype, program, String(threads)].map((text) => ({text}))
}

const TIMES: readonly BenchMetricId[] = [
  'firstTokenMs',
  'timePerOutputTokenMs',
  'decodeTokensPerSecond',
  'tokensPerSecond',
  'endToEndMs',
  'loadMs',
]
const MEMORY: readonly BenchMetricId[] = ['loadedBytes', 'loadPeakBytes', 'peakBytes']

/** Times, then memory and what share of the machine's own limits was reached; energy where it was measured. */
function medianGrids(run: BenchRun): Grid[] {
  const hasEnergy = run.cells.some(({values}) => values.joules.kind !== 'missing')
  return [
    medianGrid(run, 'times', hasEnergy ? [...TIMES, 'joules'] : TIMES, []),
    medianGrid(run, 'memory, and shares of the machine’s limits', MEMORY, SHARES),
  ]
}

const SHARES = [
  {title: 'of bandwidth', of: (cell: MeasuredCell) => cell.bandwidthShare},
  {title: 'of GEMM rate', of: (cell: MeasuredCell) => cell.gemmShare},
] as const

function medianGrid(
  {run, cells}: BenchRun,
  what: string,
  metrics: readonly BenchMetricId[],
  shares: readonly (typeof SHARES)[number][],
): Grid {
  const groups = new Map<string, GridCell[][]>()
  for (const cell of cells) {
    const heading = `${cell.setting}, batch ${cell.batch}, ${grouped(String(cell.inputTokens))} input tokens, ${cell.outputTokens} new tokens`
    const row = [
      {text: cell.model},
      ...metrics.map((id) => cellText(cell.values[id], BENCH_METRICS[id])),
      ...shares.map(({of}) => cellText(of(cell))),
    ]
    groups.set(heading, [...(groups.get(heading) ?? []), row])
  }
  return {
    kind: 'grid',
    title: `Medians of ${run}: ${what}`,
    columns: ['model', ...metrics.map((id) => BENCH_METRICS[id].title), ...shares.map(({title}) => title)],
    groups: [...groups].map(([heading, rows]) => ({heading, rows})),
  }
}
