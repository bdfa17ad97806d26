import type {Config} from 'vega-lite'

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

/** Okabe and Ito 2008, told apart by the colour-blind: blues and greens for enc-dec, oranges and reds for dec-only. */
const COLOURS = {
  'enc-dec': ['#0072B2', '#56B4E9', '#009E73', '#003F66'],
  'dec-only': ['#D55E00', '#E69F00', '#CC79A7', '#7A3300'],
  'not stated': ['#555555', '#999999'],
} as const

export interface Series {
  readonly name: string
  readonly architecture: keyof typeof COLOURS
}

/** One colour for each series, in the family of its architecture; a fifth one begins again. */
export function seriesScale(series: readonly Series[]): {domain: string[]; range: string[]} {
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
