import type {TopLevelSpec} from 'vega-lite'
import type {Estimate} from '../stats/estimate.ts'
import {cellText} from './bench-text.ts'
import type {Figure, FigureRow} from './figure.ts'
import {
  AXIS_NUMBER,
  FIGURE_CONFIG,
  ROUGE_AXIS,
  type Series,
  seriesColour,
  spansDecades,
} from './figure-style.ts'
import {oneLine} from './page.ts'
import {qualityOf} from './quality-points.ts'
import {grouped} from './quantity.ts'
import type {Reading, ReadModel} from './reading.ts'

/** Counts that are closer are one size: what counts as equal parameters. */
const SAME_SIZE = 0.01

interface SizePoint {
  readonly task: string
  readonly model: string
  readonly series: string
  readonly architecture: ReadModel['architecture']
  readonly parameters: number
  readonly quality: Estimate
}

/**
 * The paper's Figure 2: quality against the count of parameters, one line for each architecture, training and dtype, a panel for
 * each task. Undefined where no line has two sizes.
 */
export function sizeFigure(readings: readonly Reading[]): Figure | undefined {
  const points = readings.flatMap(pointOf).sort((a, b) => a.parameters - b.parameters)
  const names = [...new Set(points.map(({series}) => series))].sort()
  if (!names.some((name) => hasSizes(points.filter(({series}) => series === name)))) return undefined
  const tasks = [...new Set(points.map(({task}) => task))].sort()
  const lines: Series[] = names.map((name) => ({
    name,
    architecture: points.find((point) => point.series === name)?.architecture ?? 'not stated',
  }))
  const values = points.map(({task, model, series, parameters, quality}) => ({
    task,
    model,
    series,
    millions: parameters / 1e6,
    quality: quality.value,
    low: quality.low,
    high: quality.high,
  }))
  const title = 'Figure 2: quality against parameters'
  return {
    id: 'figure-2',
    title,
    alt: 'Lines of ROUGE-L against the count of parameters, a panel for each task; the numbers are in the table that follows',
    spec: specOf(title, values, tasks, lines),
    data: values,
    table: {
      kind: 'grid',
      title: 'Figure 2 in numbers',
      columns: ['model', 'line', 'parameters', 'ROUGE-L'],
      groups: tasks.map((task) => ({
        heading: task,
        rows: points
          .filter((point) => point.task === task)
          .map(({model, series, parameters, quality}) => [
            {text: model},
            {text: series},
            {text: grouped(String(parameters))},
            cellText({kind: 'estimate', estimate: quality}),
          ]),
      })),
    },
  }
}

function hasSizes(points: readonly SizePoint[]): boolean {
  const sizes = points.map(({parameters}) => parameters)
  return Math.max(...sizes) > (1 + SAME_SIZE) * Math.min(...sizes)
}

function pointOf(reading: Reading): SizePoint[] {
  const {name, architecture, training, dtype, parameters} = reading.model
  const quality = qualityOf(reading)
  if (typeof quality === 'string' || parameters === undefined) return []
  const series = oneLine([architecture, training ?? 'training not stated', dtype].join(', '))
  return [{task: reading.task, model: name, series, architecture, parameters, quality}]
}

function specOf(
  title: string,
  values: readonly FigureRow[],
  tasks: readonly string[],
  series: readonly Series[],
): TopLevelSpec {
  const isWide = spansDecades(values.map((row) => Number(row['millions'])))
  const x = {
    field: 'millions',
    type: 'quantitative' as const,
    title: 'parameters (millions)',
    scale: isWide ? ({type: 'log', padding: 16} as const) : ({zero: false, padding: 16} as const),
    axis: {tickCount: 5, format: AXIS_NUMBER},
  }
  const y = ROUGE_AXIS
  const color = seriesColour('series', 'line', series)
  return {
    $schema: 'https://vega.github.io/schema/vega-lite/v6.json',
    title: {text: title, subtitle: 'Mean ROUGE-L over samples with its 95% interval'},
    config: FIGURE_CONFIG,
    data: {values: [...values]},
    facet: {field: 'task', type: 'nominal', sort: [...tasks], title: null},
    columns: 2,
    resolve: {scale: {y: 'independent'}},
    spec: {
      width: 320,
      height: 240,
      layer: [
        {mark: {type: 'rule'}, encoding: {x, y: {...y, field: 'low'}, y2: {field: 'high'}, color}},
        {mark: {type: 'line', strokeWidth: 2}, encoding: {x, y: {...y, field: 'quality'}, color}},
        {
          mark: {type: 'point', filled: true, size: 60, opacity: 1},
          encoding: {x, y: {...y, field: 'quality'}, color},
        },
      ],
    },
  }
}
