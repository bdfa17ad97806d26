import type {TopLevelSpec} from 'vega-lite'
import type {BenchModelRecord} from '../store/bench-record.ts'
import type {PublishedEfficiency} from './bench-claims.ts'
import type {BenchRun, MeasuredCell} from './bench-comparison.ts'
import {cellText, type Quantity} from './bench-text.ts'
import type {Figure} from './figure.ts'
import {
  AXIS_NUMBER,
  drawnSeries,
  FIGURE_CONFIG,
  logTicks,
  modelSeries,
  type Series,
  seriesColour,
  spansDecades,
} from './figure-style.ts'
import {type Grid, oneLine} from './page.ts'
import {grouped, listed} from './quantity.ts'

/** One point of a line. */
type Point = {
  readonly panel: string
  readonly series: string
  readonly setting: string
  readonly inputTokens: number
  readonly seconds: number
  readonly low: number
  readonly high: number
}

const SETTINGS = {
  cached: 'cached',
  'no-cache': 'no cache: input computed again for each token',
  'prefix-cache': 'shared prefix computed before',
} as const
const PUBLISHED = 'published, read off the plot'
const SECONDS: Quantity = {scale: 1000}

/**
 * The paper's Figure 1: seconds from prompt to last token against input tokens, one line for each model and setting, a panel
 * for each dtype, batch and output length. The paper's points stand in the panels of the smallest batch, in their own dashes.
 * Undefined where fewer than two input lengths were measured: there is no line to draw.
 */
export function secondsFigure(run: BenchRun, published: PublishedEfficiency, id: string): Figure | undefined {
  const measured = run.cells.flatMap((cell) => pointsOf(cell, run.models))
  if (new Set(measured.map(({inputTokens}) => inputTokens)).size < 2) return undefined
  const panels = panelsOf(run, measured)
  const theirs = panels
    .filter(({isSmallestBatch}) => isSmallestBatch)
    .flatMap(({panel}) => publishedPoints(published, panel))
  const points = [...measured, ...theirs]
  const title = 'Figure 1: seconds against input tokens'
  return {
    id,
    title: oneLine(title),
    alt: `Lines of seconds from prompt to last token against input tokens for ${listed(run.models.map(({model}) => oneLine(model)))}, and the points of the paper’s Figure 1; the numbers are in the table that follows`,
    spec: specOf(title, run, points, panels),
    data: points,
    table: tableOf(run, published),
  }
}

function pointsOf(cell: MeasuredCell, models: readonly BenchModelRecord[]): Point[] {
  const time = cell.values.endToEndMs
  if (time.kind !== 'estimate') return []
  const model = models.find((one) => one.model === cell.model)
  return [
    {
      panel: panelOf(cell, model),
      series: model === undefined ? oneLine(cell.model) : modelSeries(model, models),
      setting: SETTINGS[cell.setting],
      inputTokens: cell.inputTokens,
      seconds: time.estimate.value / 1000,
      low: time.estimate.low / 1000,
      high: time.estimate.high / 1000,
    },
  ]
}

function panelOf({batch, outputTokens}: MeasuredCell, model: BenchModelRecord | undefined): string {
  return `${model?.dtype ?? ''}, batch ${batch}, ${outputTokens} new tokens`
}

interface Panel {
  readonly panel: string
  readonly dtype: string
  readonly batch: number
  readonly isSmallestBatch: boolean
}

/** A row of panels for each dtype, in the order of the models; in a row by batch. */
function panelsOf({cells, models}: BenchRun, points: readonly Point[]): Panel[] {
  const drawn = new Set(points.map(({panel}) => panel))
  const smallest = Math.min(...cells.map(({batch}) => batch))
  const found = new Map<string, Panel>()
  for (const cell of cells) {
    const model = models.find((one) => one.model === cell.model)
    const panel = panelOf(cell, model)
    const {batch} = cell
    if (drawn.has(panel))
      found.set(panel, {panel, dtype: model?.dtype ?? '', batch, isSmallestBatch: batch === smallest})
  }
  const dtypes = [...new Set(models.map(({dtype}) => dtype))]
  return [...found.values()].sort((a, b) => dtypes.indexOf(a.dtype) - dtypes.indexOf(b.dtype))
}

/** As many panels beside each other as there are batches, so that dtypes stand under each other; three at most. */
function columnsOf(panels: readonly Panel[]): number {
  const rows = new Set(panels.map(({dtype}) => dtype)).size
  return Math.max(2, Math.min(3, Math.ceil(panels.length / rows)))
}

const PUBLISHED_SERIES: readonly Series[] = [
  {name: 'dec-only, published', architecture: 'not stated'},
  {name: 'enc-dec, published', architecture: 'not stated'},
]

function publishedPoints({figure1}: PublishedEfficiency, panel: string): Point[] {
  return (['dec-only', 'enc-dec'] as const).flatMap((architecture) =>
    figure1.seconds[architecture].flatMap((seconds, index): Point[] => {
      const inputTokens = figure1.inputTokens[index]
      if (inputTokens === undefined) return []
      const series = `${architecture}, published`
      return [{panel, series, setting: PUBLISHED, inputTokens, seconds, low: seconds, high: seconds}]
    }),
  )
}

function specOf(
  title: string,
  run: BenchRun,
  points: readonly Point[],
  panels: readonly Panel[],
): TopLevelSpec {
  const series: Series[] = [
    ...drawnSeries(
      run.models,
      points.map((point) => point.series),
    ),
    ...PUBLISHED_SERIES,
  ]
  const settings = [...Object.values(SETTINGS), PUBLISHED].filter((setting) =>
    points.some((point) => point.setting === setting),
  )
  const dashes: Readonly<Record<string, number[]>> = {
    [SETTINGS.cached]: [1, 0],
    [SETTINGS['no-cache']]: [6, 3],
    [SETTINGS['prefix-cache']]: [2, 2],
    [PUBLISHED]: [10, 3, 2, 3],
  }
  const lengths = [...new Set(points.map(({inputTokens}) => inputTokens))].sort((a, b) => a - b)
  const ends = points.flatMap(({low, high}) => [low, high])
  const ticks = spansDecades(ends) ? logTicks(ends) : undefined
  const x = {
    field: 'inputTokens',
    type: 'quantitative' as const,
    title: 'input tokens',
    scale: {type: 'log' as const, base: 2, nice: false, padding: 12},
    axis: {values: lengths, format: ',d', labelAngle: lengths.length > 7 ? -45 : 0},
  }
  const y = {
    type: 'quantitative' as const,
    title: 'seconds from prompt to last token',
    scale:
      ticks === undefined
        ? {zero: true}
        : {type: 'log' as const, nice: false, domain: [ticks[0]!, ticks.at(-1)!]},
    axis: {format: AXIS_NUMBER, ...(ticks === undefined ? {tickCount: 6} : {values: ticks})},
  }
  const color = seriesColour('series', 'model', series)
  const strokeDash = {
    field: 'setting',
    type: 'nominal' as const,
    title: 'setting',
    scale: {domain: settings, range: settings.map((setting) => dashes[setting]!)},
    sort: null,
    legend: {symbolSize: 1200},
  }
  return {
    $schema: 'https://vega.github.io/schema/vega-lite/v6.json',
    title: {text: title, subtitle: subtitleOf(run)},
    config: FIGURE_CONFIG,
    data: {values: [...points]},
    facet: {field: 'panel', type: 'nominal', sort: panels.map(({panel}) => panel), title: null},
    columns: columnsOf(panels),
    // Each panel has its own axis: a row that is not full would leave one under an empty place.
    resolve: {axis: {x: 'independent'}},
    spec: {
      width: 360,
      height: 280,
      layer: [
        {
          mark: {type: 'rule', strokeWidth: 1.5},
          encoding: {x, y: {...y, field: 'low'}, y2: {field: 'high'}, color},
        },
        {mark: {type: 'line', strokeWidth: 2}, encoding: {x, y: {...y, field: 'seconds'}, color, strokeDash}},
        {
          mark: {type: 'point', size: 30, filled: true, opacity: 1},
          encoding: {x, y: {...y, field: 'seconds'}, color},
        },
      ],
    },
  }
}

function subtitleOf({run, machine}: BenchRun): string[] {
  const where = machine === undefined ? run : `${run}: ${machine.cpu}, threads ${machine.threads}`
  return [
    oneLine(where),
    'Medians over repeats with their 95% intervals; the published points are of another machine',
  ]
}

/** Seconds, a row for each model and setting, a column for each input length; the paper's rows last. */
function tableOf({cells, models}: BenchRun, {figure1}: PublishedEfficiency): Grid {
  const lengths = [...new Set([...cells.map(({inputTokens}) => inputTokens), ...figure1.inputTokens])].sort(
    (a, b) => a - b,
  )
  const groups = new Map<string, Map<string, readonly MeasuredCell[]>>()
  for (const cell of cells) {
    const heading = panelOf(
      cell,
      models.find(({model}) => model === cell.model),
    )
    const rows = groups.get(heading) ?? new Map<string, readonly MeasuredCell[]>()
    groups.set(heading, rows)
    const name = `${cell.model}, ${cell.setting}`
    rows.set(name, [...(rows.get(name) ?? []), cell])
  }
  return {
    kind: 'grid',
    title: 'Figure 1 in numbers: seconds from prompt to last token, by input tokens',
    columns: ['model, setting', ...lengths.map((length) => grouped(String(length)))],
    groups: [
      ...[...groups].map(([heading, rows]) => ({
        heading,
        rows: [...rows].map(([name, row]) => [
          {text: name},
          ...lengths.map((length) => {
            const cell = row.find(({inputTokens}) => inputTokens === length)
            return cell === undefined ? {text: 'not asked for'} : cellText(cell.values.endToEndMs, SECONDS)
          }),
        ]),
      })),
      {
        heading: 'published, read off the plot',
        rows: (['dec-only', 'enc-dec'] as const).map((architecture) => [
          {text: architecture},
          ...lengths.map((length) => {
            const seconds = figure1.seconds[architecture][figure1.inputTokens.indexOf(length)]
            return {text: seconds === undefined ? 'not published' : String(seconds)}
          }),
        ]),
      },
    ],
  }
}
