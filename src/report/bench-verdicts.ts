import type {BenchSetting} from '../store/bench-record.ts'
import type {RatioId, RatioRow, RatioTable} from './bench-comparison.ts'
import {grouped, listed, quantity} from './quantity.ts'

/** Fewer pairs say nothing: the range of five values holds the true median in 94 of 100 cases, that of four in 88. */
const MINIMUM_PAIRS = 5

type Table = Omit<RatioTable, 'verdicts'>

/** What a sentence is about. */
const SUBJECTS = [
  {id: 'firstTokenMs', better: 'lower', less: 'lower first-token latency'},
  {id: 'decodeTokensPerSecond', better: 'higher', less: 'the tokens per second after the first'},
  {id: 'endToEndMs', better: 'lower', less: 'less time from prompt to last token'},
  {id: 'peakBytes', better: 'lower', less: 'less peak memory'},
  {id: 'flops', better: 'lower', less: 'fewer operations'},
] as const satisfies readonly {id: RatioId; better: 'lower' | 'higher'; less: string}[]
type Subject = (typeof SUBJECTS)[number]

/** One condition's ratio from the side of the winner. */
interface Finding {
  readonly row: RatioRow
  readonly outcome: 'first' | 'second' | 'not shown' | 'too few'
  /** Winner over loser, with its interval where it has one. */
  readonly ratio: {
    readonly value: number
    readonly low: number
    readonly high: number
    readonly isExact: boolean
  }
}

/**
 * Sentences for whoever has to choose: at which input length and batch which one wins, and by how much. A winner is named only
 * where the interval excludes 1; where none is shown, that is said too.
 */
export function benchVerdicts(table: Table): string[] {
  const settings = [...new Set(table.rows.map(settingKey))]
  return settings.flatMap((key) => {
    const rows = table.rows.filter((row) => settingKey(row) === key)
    return SUBJECTS.flatMap((subject) => sentence(table, subject, rows))
  })
}

function settingKey({firstSetting, secondSetting, outputTokens}: RatioRow): string {
  return `${firstSetting} ${secondSetting} ${outputTokens}`
}

function sentence(table: Table, subject: Subject, rows: readonly RatioRow[]): string[] {
  const findings = rows.flatMap((row) => findingOf(subject, row))
  const [head] = rows
  if (findings.length === 0 || head === undefined) return []
  const parts = (['first', 'second'] as const).flatMap((outcome) =>
    winText(table, subject, findings, outcome),
  )
  const of = (outcome: Finding['outcome']): Finding[] => findings.filter((one) => one.outcome === outcome)
  if (of('not shown').length > 0)
    parts.push(
      `no difference shown ${where(of('not shown'), rows)}${parts.length > 0 ? '' : `: ${spread(of('not shown'))}`}`,
    )
  if (of('too few').length > 0)
    parts.push(
      `nothing is said ${where(of('too few'), rows)}, for fewer than ${MINIMUM_PAIRS} pairs of samples`,
    )
  const topic = parts.some((part) => part.includes(subject.less)) ? '' : `${topicOf(subject)}: `
  return [
    `${settingText(head)}, ${table.first.dtype}, ${head.outputTokens} new tokens: ${topic}${parts.join('; ')}`,
  ]
}

function topicOf({id, less}: Subject): string {
  return id === 'decodeTokensPerSecond' ? less.replace('the ', '') : less.replace(/^(lower|less|fewer) /, '')
}

function findingOf({id, better}: Subject, row: RatioRow): Finding[] {
  const cell = row.ratios[id]
  if (cell.kind === 'missing') return []
  const isExact = cell.kind === 'number'
  const {value, low, high, count} =
    cell.kind === 'number' ? {value: cell.value, low: cell.value, high: cell.value, count: 1} : cell.estimate
  const isFirst = better === 'lower' ? high < 1 : low > 1
  const isSecond = better === 'lower' ? low > 1 : high < 1
  const turned = {value: 1 / value, low: 1 / high, high: 1 / low, isExact}
  const ratio = isSecond ? turned : {value, low, high, isExact}
  if (!isExact && count < MINIMUM_PAIRS) return [{row, outcome: 'too few', ratio}]
  return [{row, outcome: isFirst ? 'first' : isSecond ? 'second' : 'not shown', ratio}]
}

function winText(
  table: Table,
  subject: Subject,
  findings: readonly Finding[],
  outcome: 'first' | 'second',
): string[] {
  const won = findings.filter((finding) => finding.outcome === outcome)
  if (won.length === 0) return []
  const size = (finding: Finding): number => Math.abs(Math.log(finding.ratio.value))
  const ordered = [...won].sort((a, b) => size(a) - size(b))
  const [least, most] = [ordered[0]!, ordered.at(-1)!]
  const rows = findings.map(({row}) => row)
  const amount =
    shortAmount(subject, least) === shortAmount(subject, most)
      ? amountText(subject, most)
      : `${amountText(subject, least)} (${pointText(least.row)}) to ${amountText(subject, most)} (${pointText(most.row)})`
  return [`${sideText(table, outcome)} has ${amount} ${subject.less} ${where(won, rows)}`]
}

/** By what an engineer names it: the architecture, or the program. */
function sideText(table: Table, outcome: 'first' | 'second'): string {
  const side = table[outcome]
  return `${table.kind === 'architectures' ? side.architecture : side.program} (${side.model})`
}

/** The amount without its interval. */
function shortAmount({better}: Subject, {ratio}: Finding): string {
  return better === 'higher' ? quantity(ratio.value) : percent(1 - ratio.value)
}

/** `34% [31%, 37%]` less, or `2.1 times [2.0, 2.2]` as many. */
function amountText({better}: Subject, {ratio}: Finding): string {
  const {value, low, high, isExact} = ratio
  if (better === 'higher')
    return `${quantity(value)}${isExact ? '' : ` [${quantity(low)}, ${quantity(high)}]`} times`
  return `${percent(1 - value)}${isExact ? '' : ` [${percent(1 - high)}, ${percent(1 - low)}]`}`
}

function percent(share: number): string {
  const hundredths = 100 * share
  return `${hundredths < 1 || hundredths > 99 ? hundredths.toFixed(1) : hundredths.toFixed(0)}%`
}

/** Ratios that show nothing, from least to most. */
function spread(findings: readonly Finding[]): string {
  const values = findings.map(({ratio}) => ratio)
  const low = Math.min(...values.map((ratio) => ratio.low))
  const high = Math.max(...values.map((ratio) => ratio.high))
  return `all ratios lie in [${low.toFixed(2)}, ${high.toFixed(2)}]`
}

/** `at every measured length and batch`, or batch by batch. */
function where(findings: readonly Finding[], rows: readonly RatioRow[]): string {
  const batches = [...new Set(rows.map(({batch}) => batch))]
  if (findings.length === rows.length && rows.length > 1)
    return `at every measured length and batch (input ${lengthsText(rows)} tokens; batch ${listed(batches.map(String))})`
  const parts = batches.flatMap((batch) => {
    const mine = findings.filter(({row}) => row.batch === batch).map(({row}) => row)
    return mine.length === 0 ? [] : [`input ${lengthsText(mine)} tokens, batch ${batch}`]
  })
  return `at ${parts.join(' and at ')}`
}

function lengthsText(rows: readonly RatioRow[]): string {
  const lengths = [...new Set(rows.map(({inputTokens}) => inputTokens))].sort((a, b) => a - b)
  return listed(lengths.map((length) => grouped(String(length))))
}

function pointText({inputTokens, batch}: RatioRow): string {
  return `${grouped(String(inputTokens))} tokens, batch ${batch}`
}

const SETTING_TEXTS: Readonly<Record<BenchSetting, string>> = {
  cached: 'cached',
  'no-cache': 'without a cache',
  'prefix-cache': 'with a shared prefix',
}

/** In words: `cached`, `without a cache`, `with a shared prefix`. */
export function settingText({secondSetting}: Pick<RatioRow, 'secondSetting'>): string {
  return SETTING_TEXTS[secondSetting]
}
