import type {Config} from 'vega-lite'
import type {BenchModelRecord} from '../store/bench-record.ts'
import {oneLine} from './page.ts'
import {shortName} from './reading.ts'

/** Plain and light: prints on paper, and reads on a dark page because it brings its own ground. */
export const FIGURE_CONFIG: Config = {
  background: 'white',
  font: 'Helvetica, Arial, sans-serif',
  view: {stroke: '#bbb'},
  axis: {
    gridColor: '#e6e6e6',
    domainColor: '#888',
    tickColor: '#888',
    labelColor: '#222',
    titleColor: '#222',
    labelFontSize: 11,
    titleFontSize: 12,
    titleFontWeight: 'normal',
  },
  header: {labelFontSize: 12, labelFontWeight: 'bold', labelColor: '#222', title: null},
  legend: {labelLimit: 0, labelFontSize: 11, titleFontSize: 12, symbolStrokeWidth: 2, titleLimit: 0},
  title: {fontSize: 14, anchor: 'start', subtitleFontSize: 11, subtitleColor: '#555', offset: 12},
}

/**
 * Okabe and Ito 2008, told apart by the colour-blind: blues and greens for enc-dec, oranges and reds for dec-only. From the
 * fifth model of an architecture on they are told apart by fewer readers, but no colour comes twice before the ninth.
 */
const COLOURS = {
  'enc-dec': ['#0072B2', '#56B4E9', '#009E73', '#003F66', '#7B5EA7', '#8DB600', '#00A6A6', '#4A5A00'],
  'dec-only': ['#D55E00', '#E69F00', '#CC79A7', '#7A3300', '#B2182B', '#F4A582', '#8C6D1F', '#E31A8C'],
  'not stated': ['#555555', '#999999'],
} as const

export interface Series {
  readonly name: string
  readonly architecture: keyof typeof COLOURS
}

/**
 * A model by its name alone where its dtype shows elsewhere (as a panel, as a shape), so that one model has one colour in all
 * dtypes; by its label where that would be two models.
 */
export function modelSeries(model: BenchModelRecord, models: readonly BenchModelRecord[]): string {
  const plain = ({name, program}: BenchModelRecord): string =>
    oneLine(program === 'slm' ? shortName(name) : `${shortName(name)} in ${program}`)
  const namesakes = models.filter((other) => other.dtype === model.dtype && plain(other) === plain(model))
  return namesakes.length > 1 ? oneLine(model.model) : plain(model)
}

/** Numbers of an axis: no exponents, thousands apart. */
export const AXIS_NUMBER = ',.6~r'

/** The models whose series are drawn, once each, in the order of the models. */
export function drawnSeries(models: readonly BenchModelRecord[], drawn: readonly string[]): Series[] {
  const named = new Map(models.map((model) => [modelSeries(model, models), model.architecture]))
  return [...named]
    .map(([name, architecture]) => ({name, architecture}))
    .filter(({name}) => drawn.includes(name))
}

/** ROUGE-L upwards, from where the values begin. */
export const ROUGE_AXIS = {
  type: 'quantitative',
  title: 'ROUGE-L',
  scale: {zero: false, padding: 12},
  axis: {tickCount: 6},
} as const

/** What is coloured by the series that `field` names. */
export function seriesColour(field: string, title: string, series: readonly Series[]) {
  return {field, type: 'nominal', title, scale: seriesScale(series), sort: null} as const
}

/** One colour for each series, in the family of its architecture; a fifth one begins again. */
function seriesScale(series: readonly Series[]): {domain: string[]; range: string[]} {
  const used = new Map<string, number>()
  const range = series.map(({architecture}) => {
    const place = used.get(architecture) ?? 0
    used.set(architecture, place + 1)
    const family = COLOURS[architecture]
    return family[place % family.length]!
  })
  return {domain: series.map(({name}) => name), range}
}

/** A logarithmic scale where the values span more than a decade. */
export function spansDecades(values: readonly number[]): boolean {
  return Math.min(...values) > 0 && Math.max(...values) > 10 * Math.min(...values)
}

/**
 * Where a logarithmic axis has its ticks: 1, 2 and 5 of each decade, powers of ten alone where the values span more than
 * three.
 */
export function logTicks(values: readonly number[]): number[] {
  const [low, high] = [Math.min(...values), Math.max(...values)]
  const steps = high > 1000 * low ? [1] : [1, 2, 5]
  const ticks: number[] = []
  for (let power = Math.floor(Math.log10(low)); power <= Math.ceil(Math.log10(high)); power++)
    for (const step of steps) ticks.push(Number(`${step}e${power}`))
  const first = ticks.findLastIndex((tick) => tick <= low)
  const last = ticks.findIndex((tick) => tick >= high)
  return ticks.slice(Math.max(0, first), last + 1)
}
