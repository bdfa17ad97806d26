import {type BenchComparison, type BenchRun, RATIO_IDS, type RatioTable} from './bench-comparison.ts'
import {BENCH_METRIC_IDS} from './bench-metrics.ts'
import {claimOf, pairText} from './bench-page.ts'
import {csvText, valueColumns} from './csv-text.ts'

const COLUMNS = [
  'table',
  'run',
  'row',
  'setting',
  'batch',
  'inputTokens',
  'outputTokens',
  'dtype',
  'metric',
  'value',
  'low',
  'high',
  'count',
  'publishedFrom',
  'publishedTo',
  'source',
  'why',
] as const

const WHY_NO_INTERVAL = 'counted on the graphs, without interval'

type Line = Partial<Record<(typeof COLUMNS)[number], string | number>>

/**
 * One line for each value, in base units (milliseconds, bytes, joules), numbers unrounded. Text that a spreadsheet would take
 * for a formula gets an apostrophe in front; where a value is missing, `why` says why.
 */
export function benchCsv(comparison: BenchComparison): string {
  const lines = [
    ...comparison.ratios.flatMap((table) => ratioLines(table, comparison)),
    ...comparison.runs.flatMap(medianLines),
    ...figureOneLines(comparison),
  ]
  return csvText(lines, COLUMNS)
}

function ratioLines(table: RatioTable, {published}: BenchComparison): Line[] {
  return table.rows.flatMap(({firstSetting, secondSetting, batch, inputTokens, outputTokens, ratios}) =>
    RATIO_IDS.map((id): Line => {
      const claim = table.kind === 'architectures' ? claimOf(published, id) : undefined
      return {
        table: 'ratio',
        run: table.run,
        row: pairText(table),
        setting: firstSetting === secondSetting ? firstSetting : `${firstSetting} over ${secondSetting}`,
        batch,
        inputTokens,
        outputTokens,
        dtype: table.first.dtype,
        metric: id,
        ...valueColumns(ratios[id], WHY_NO_INTERVAL),
        ...(claim === undefined ? {} : {publishedFrom: claim.ratio[0], publishedTo: claim.ratio[1]}),
        source: 'measured',
      }
    }),
  )
}

function medianLines({run, models, cells}: BenchRun): Line[] {
  return cells.flatMap((cell) => {
    const common: Line = {
      table: 'median',
      run,
      row: cell.model,
      setting: cell.setting,
      batch: cell.batch,
      inputTokens: cell.inputTokens,
      outputTokens: cell.outputTokens,
      dtype: models.find(({model}) => model === cell.model)?.dtype ?? 'not stated',
      source: 'measured',
    }
    return [
      ...BENCH_METRIC_IDS.map(
        (id): Line => ({...common, metric: id, ...valueColumns(cell.values[id], WHY_NO_INTERVAL)}),
      ),
      {...common, metric: 'flops', ...valueColumns(cell.flops, WHY_NO_INTERVAL)},
      {...common, metric: 'bandwidthShare', ...valueColumns(cell.bandwidthShare, WHY_NO_INTERVAL)},
      {...common, metric: 'gemmShare', ...valueColumns(cell.gemmShare, WHY_NO_INTERVAL)},
    ]
  })
}

/** The paper's points beside ours, so that the figure can be drawn again from this file alone. */
function figureOneLines({published: {figure1}}: BenchComparison): Line[] {
  return (['dec-only', 'enc-dec'] as const).flatMap((architecture) =>
    figure1.seconds[architecture].map(
      (seconds, index): Line => ({
        table: 'figure-1',
        row: architecture,
        inputTokens: figure1.inputTokens[index] ?? 'not stated',
        metric: 'endToEndMs',
        value: seconds * 1000,
        source: 'published',
        why: figure1.note,
      }),
    ),
  )
}
