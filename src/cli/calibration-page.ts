import {
  AGREEMENT_NAMES,
  type AgreementName,
  type AgreementReport,
  type AgreementValue,
} from '../judge/calibrate/agreement-report.ts'
import type {AgreementGroup, Calibration} from '../judge/calibrate/calibrate.ts'
import {judgeText} from '../report/judge-text.ts'
import type {Grid, GridCell, Page, Section} from '../report/page.ts'

const NAMES: Readonly<Record<AgreementName, string>> = {
  raw: 'raw agreement',
  kappa: 'Cohen’s kappa',
  linearKappa: 'kappa, linear weights',
  quadraticKappa: 'kappa, quadratic weights',
  nominalAlpha: 'Krippendorff’s alpha, nominal',
  ordinalAlpha: 'Krippendorff’s alpha, ordinal',
  spearman: 'Spearman’s rho of the scores',
}

/** What `slm judge calibrate` prints. */
export function calibrationPage(calibration: Calibration): Page {
  const {agreement, rows, notJudged, rawWithFailures, card, groups} = calibration
  const failed = Object.entries(notJudged).map(([state, count]) => `${count} ${state}`)
  const notes = [
    `judged ${agreement?.items ?? 0} of ${rows} rows${failed.length === 0 ? '' : ` (${failed.join(', ')})`}; raw agreement ${rawWithFailures.toFixed(4)} over all rows with failures as disagreement`,
    'intervals: 95% percentile bootstrap over rows, 2,000 resamples; a score is rounded to the nearest label for all but rho',
    ...(card === undefined ? ['the verdicts were given elsewhere'] : [judgeText(card)]),
  ]
  return {
    title: 'How far the judge agrees with people',
    sections: [
      ...(agreement === undefined ? [] : agreementSections(agreement)),
      ...(groups.length === 0 ? [] : [groupsGrid(groups)]),
      {kind: 'lines', title: 'Notes', lines: notes},
    ],
  }
}

function agreementSections(report: AgreementReport): Section[] {
  const {judge, constant, people} = report
  const beside = (name: AgreementName): GridCell[] => {
    const isShared = name === 'raw' || name === 'kappa'
    return [
      ...valueCells(judge[name]),
      isShared ? {text: short(constant[name])} : {text: '-'},
      ...(people === undefined ? [] : [isShared ? {text: short(people[name])} : {text: '-'}]),
    ]
  }
  return [
    {
      kind: 'grid',
      title: '',
      columns: [
        'measure',
        'judge',
        '95% interval',
        `always ${constant.level}`,
        ...(people === undefined ? [] : [`people (${people.items})`]),
      ],
      groups: [{heading: '', rows: AGREEMENT_NAMES.map((name) => [{text: NAMES[name]}, ...beside(name)])}],
    },
    confusionGrid(report),
  ]
}

function groupsGrid(groups: readonly AgreementGroup[]): Grid {
  return {
    kind: 'grid',
    title: 'By group',
    columns: ['rows', 'judged', 'raw', '95% interval', 'kappa', '95% interval', 'constant, raw'],
    groups: [
      {
        heading: '',
        rows: groups.map(({name, agreement: {items, judge, constant}}) => [
          {text: name},
          {text: String(items)},
          ...valueCells(judge.raw),
          ...valueCells(judge.kappa),
          {text: short(constant.raw)},
        ]),
      },
    ],
  }
}

function confusionGrid({confusion, levels}: AgreementReport): Grid {
  return {
    kind: 'grid',
    title: 'Labels (rows) and the judge (columns)',
    columns: ['label', ...levels.map((level) => `judge ${level}`)],
    groups: [
      {
        heading: '',
        rows: confusion.map((row, at) => [String(levels[at]), ...row.map(String)].map((text) => ({text}))),
      },
    ],
  }
}

function valueCells(value: AgreementValue): GridCell[] {
  if ('missing' in value) return [{text: 'none'}, {text: value.missing}]
  return [{text: value.value.toFixed(4)}, {text: `[${value.low.toFixed(4)}, ${value.high.toFixed(4)}]`}]
}

function short(value: AgreementValue): string {
  return 'missing' in value ? 'none' : value.value.toFixed(4)
}
