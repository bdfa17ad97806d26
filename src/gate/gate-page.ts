import type {Grid, GridCell, Lines, Page} from '../report/page.ts'
import type {Estimate} from '../stats/estimate.ts'
import {type Check, checkName, isMissing, type MetricCheck} from './checks.ts'
import type {Flip, FlipSide, Flips} from './flips.ts'
import type {GateResult} from './gate.ts'
import {figure, pFigure, signed} from './metric-verdict.ts'

/** Characters of an answer or a reference that are shown; JSON has all of them. */
const MOST_SHOWN = 240

/** What a person reads of a gate, on the terminal and in a pull request. */
export function gatePage(result: GateResult): Page {
  const {verdict, checks, changes, differences, unfinished, notes} = result
  const open = checks.filter((check) => check.verdict === 'regression' || check.verdict === 'inconclusive')
  return {
    title: `Gate ${verdict}: ${result.run} against ${result.baseline}`,
    sections: [
      checksGrid(checks),
      ...linesOf('Why', [
        ...unfinished.map((why) => `inconclusive: ${why}`),
        ...open.map((check) => `${check.verdict}: ${fullName(check)}: ${check.why}`),
      ]),
      ...linesOf('What changed', changes),
      ...linesOf(
        'Compared all the same',
        differences.map(({task, name, baseline, run}) => `${task}: ${name} ${baseline} -> ${run}`),
      ),
      ...Object.entries(result.flips).flatMap(([task, flips]) => flipSections(task, flips)),
      ...linesOf('Notes', [...notes, ...methodNotes(checks)]),
    ],
  }
}

/** Task and check, as lists and test reports name it. */
export function fullName(check: Check): string {
  return typeof check.task === 'string' ? `${check.task} ${checkName(check)}` : checkName(check)
}

function linesOf(title: string, lines: readonly string[]): Lines[] {
  return lines.length === 0 ? [] : [{kind: 'lines', title, lines}]
}

function checksGrid(checks: readonly Check[]): Grid {
  const tasks = [...new Set(checks.map(({task}) => (typeof task === 'string' ? task : '')))]
  return {
    kind: 'grid',
    title: '',
    columns: ['check', 'baseline', 'run', 'difference [95%]', 'p (Holm)', 'verdict'],
    groups: tasks.map((task) => ({
      heading: task === '' ? 'whole run' : task,
      rows: checks
        .filter((check) => (typeof check.task === 'string' ? check.task : '') === task)
        .map(checkRow),
    })),
  }
}

function checkRow(check: Check): GridCell[] {
  return [checkName(check), ...checkValues(check), check.verdict].map((text) => ({text}))
}

/** Baseline, run, difference, p. */
function checkValues(check: Check): [string, string, string, string] {
  switch (check.kind) {
    case 'task':
      return ['present', 'missing', '', '']
    case 'samples': {
      const lost = check.missing.length + check.failed.length
      return [String(check.paired + lost), String(check.paired), lost === 0 ? '' : `-${lost}`, '']
    }
    case 'metric':
      return metricValues(check)
    case 'answers':
      return ['', '', `${check.changed} of ${check.paired}`, '']
    case 'ratio': {
      const {ratio} = check
      if (isMissing(ratio)) return ['', '', 'none', '']
      const interval = 'low' in ratio ? ` [${ratio.low.toFixed(2)}, ${ratio.high.toFixed(2)}]` : ''
      return ['', '', `x ${ratio.value.toFixed(2)}${interval}`, '']
    }
  }
}

function metricValues({baseline, run, difference, adjustedP}: MetricCheck): [string, string, string, string] {
  const valueText = (value: MetricCheck['run']): string => (isMissing(value) ? 'none' : figure(value))
  const differenceText = ({value, low, high}: Estimate): string =>
    `${signed(value)} [${signed(low)}, ${signed(high)}]`
  return [
    valueText(baseline),
    valueText(run),
    isMissing(difference) ? 'none' : differenceText(difference),
    isMissing(adjustedP) ? 'none' : pFigure(adjustedP),
  ]
}

function flipSections(task: string, {metric, worse, better, same, listed}: Flips): Lines[] {
  if (worse + better + same === 0) return []
  const shown = listed.length < worse + better + same ? `, the first ${listed.length} shown` : ''
  return [
    {
      kind: 'lines',
      title: `${task}: ${worse} worse, ${better} better, ${same} changed at the same ${metric}${shown}`,
      lines: listed.flatMap(flipLines),
    },
  ]
}

/** What happened to one sample, a line each. */
export function flipLines({id, baseline, run, references}: Flip): string[] {
  return [
    `${id}: ${scoreText(baseline)} -> ${scoreText(run)}`,
    `was: ${textOf(baseline.answer)}`,
    `now: ${textOf(run.answer)}`,
    `reference: ${isMissing(references) ? `(${references.missing})` : references.length === 0 ? '(unanswerable)' : references.map(textOf).join(' | ')}`,
  ]
}

function scoreText({score}: FlipSide): string {
  return isMissing(score) ? 'no score' : figure(score)
}

function textOf(text: FlipSide['answer']): string {
  if (isMissing(text)) return `(${text.missing})`
  if (text === '') return '(empty)'
  const characters = [...text]
  return characters.length <= MOST_SHOWN
    ? text
    : `${characters.slice(0, MOST_SHOWN).join('')}... (${characters.length} characters)`
}

function methodNotes(checks: readonly Check[]): string[] {
  const hasMetrics = checks.some(({kind}) => kind === 'metric')
  const hasRatios = checks.some((check) => check.kind === 'ratio' && !isMissing(check.ratio))
  return [
    ...(hasMetrics
      ? [
          'difference: run minus baseline over the samples of both, unrounded; paired percentile bootstrap, two-sided approximate randomisation, 10,000 draws each, p after Holm over all metrics',
        ]
      : []),
    ...(hasRatios
      ? [
          'times: geometric mean of run over baseline, sample by sample; the interval knows nothing of what else the machine did',
        ]
      : []),
  ]
}
