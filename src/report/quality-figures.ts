import type {TopLevelSpec} from 'vega-lite'
import type {BenchRun} from './bench-comparison.ts'
import {cellText} from './bench-text.ts'
import {missing} from './cell.ts'
import type {Figure} from './figure.ts'
import {
  AXIS_NUMBER,
  drawnSeries,
  FIGURE_CONFIG,
  ROUGE_AXIS,
  seriesColour,
  spansDecades,
} from './figure-style.ts'
import {oneLine} from './page.ts'
import {type QualityPoint, qualityPoints} from './quality-points.ts'
import type {Reading} from './reading.ts'
import {sizeFigure} from './size-figure.ts'

export interface QualityFigures {
  readonly figures: readonly Figure[]
  readonly notes: readonly string[]
}

/** Quality against latency, against memory and against size, as far as evaluations were given. */
export function qualityFigures(runs: readonly BenchRun[], readings: readonly Reading[]): QualityFigures {
  if (readings.length === 0)
    return {
      figures: [],
      notes: [
        'No figure of quality: name runs of slm eval with --runs to put quality beside speed and memory',
      ],
    }
  const joined = runs.map((run, index) => ({
    run,
    ending: runs.length === 1 ? '' : `-${index + 1}`,
    ...qualityPoints(run, readings),
  }))
  const size = sizeFigure(readings)
  return {
    figures: [
      ...joined.flatMap(({run, points, ending}) =>
        AXES.flatMap((axis) => scatter(run, points, axis, `${axis.id}${ending}`)),
      ),
      ...(size === undefined ? [] : [size]),
    ],
    notes: [
      ...joined.flatMap(({notes}) => notes),
      ...(size === undefined
        ? ['No figure of quality against parameters: it needs two sizes of one architecture']
        : []),
    ],
  }
}

/** What stands below the quality. */
interface Axis {
  readonly id: string
  readonly title: string
  readonly label: string
  readonly scale: number
  readonly of: (point: QualityPoint) => QualityPoint['peakBytes']
}

const AXES: readonly Axis[] = [
  {
    id: 'quality-latency',
    title: 'Quality against latency',
    label: 'seconds from prompt to last token',
    scale: 1000,
    of: (point) => point.endToEndMs,
  },
  {
    id: 'quality-memory',
    title: 'Quality against memory',
    label: 'peak resident memory (MB)',
    scale: 1e6,
    of: (point) => point.peakBytes,
  },
]

function scatter(run: BenchRun, points: readonly QualityPoint[], axis: Axis, id: string): Figure[] {
  const known = points.filter((point) => axis.of(point) !== undefined)
  if (known.length === 0) return []
  const values = known.map((point) => drawnValue(point, axis))
  return [
    {
      id,
      title: axis.title,
      alt: `ROUGE-L of ${new Set(known.map(({model}) => model)).size} models against ${axis.label}, a panel for each task; the numbers are in the table that follows`,
      spec: specOf(run, values, axis),
      data: values,
      table: {
        kind: 'grid',
        title: `${axis.title} in numbers`,
        columns: ['model', 'dtype', 'ROUGE-L', axis.label, 'measured at'],
        groups: [...new Set(points.map(({task}) => task))].map((task) => ({
          heading: task,
          rows: points
            .filter((point) => point.task === task)
            .map((point) => {
              const value = axis.of(point)
              const below =
                value === undefined ? missing('not measured') : ({kind: 'estimate', estimate: value} as const)
              return [
                {text: point.model},
                {text: point.dtype},
                cellText({kind: 'estimate', estimate: point.quality}),
                cellText(below, axis),
                {text: point.condition},
              ]
            }),
        })),
      },
    },
  ]
}

type DrawnValue = {
  readonly panel: string
  readonly model: string
  readonly dtype: string
  readonly quality: number
  readonly qualityLow: number
  readonly qualityHigh: number
  readonly x: number
  readonly xLow: number
  readonly xHigh: number
}

function drawnValue(point: QualityPoint, axis: Axis): DrawnValue {
  const below = axis.of(point)
  return {
    panel: oneLine(`${point.task}, ${point.tokens}`),
    model: point.series,
    dtype: point.dtype,
    quality: point.quality.value,
    qualityLow: point.quality.low,
    qualityHigh: point.quality.high,
    x: (below?.value ?? Number.NaN) / axis.scale,
    xLow: (below?.low ?? Number.NaN) / axis.scale,
    xHigh: (below?.high ?? Number.NaN) / axis.scale,
  }
}

function specOf(run: BenchRun, values: readonly DrawnValue[], axis: Axis): TopLevelSpec {
  const series = drawnSeries(
    run.models,
    values.map(({model}) => model),
  )
  const scale = spansDecades(values.map(({x}) => x))
    ? ({type: 'log', padding: 20} as const)
    : ({zero: false, padding: 20} as const)
  const x = {
    type: 'quantitative' as const,
    title: axis.label,
    scale,
    axis: {tickCount: 5, format: AXIS_NUMBER},
  }
  const y = ROUGE_AXIS
  const color = seriesColour('model', 'model', series)
  const shape = {field: 'dtype', type: 'nominal' as const, title: 'dtype'}
  return {
    $schema: 'https://vega.github.io/schema/vega-lite/v6.json',
    title: {
      text: axis.title,
      subtitle: [
        'Each point is one model, lines are its 95% intervals; up is better, left is cheaper',
        'Measured at input + output tokens as each panel says: the length nearest to the task’s prompts',
        oneLine(
          run.machine === undefined
            ? run.run
            : `Measured on ${run.machine.cpu}, threads ${run.machine.threads}`,
        ),
      ],
    },
    config: FIGURE_CONFIG,
    data: {values: [...values]},
    facet: {field: 'panel', type: 'nominal', sort: [...new Set(values.map(({panel}) => panel))], title: null},
    columns: 2,
    resolve: {scale: {y: 'independent', x: 'shared'}},
    spec: {
      width: 340,
      height: 260,
      layer: [
        {
          mark: {type: 'rule'},
          encoding: {
            x: {...x, field: 'x'},
            y: {...y, field: 'qualityLow'},
            y2: {field: 'qualityHigh'},
            color,
          },
        },
        {
          mark: {type: 'rule'},
          encoding: {x: {...x, field: 'xLow'}, x2: {field: 'xHigh'}, y: {...y, field: 'quality'}, color},
        },
        {
          mark: {type: 'point', filled: true, size: 80, opacity: 1},
          encoding: {x: {...x, field: 'x'}, y: {...y, field: 'quality'}, color, shape},
        },
      ],
    },
  }
}
