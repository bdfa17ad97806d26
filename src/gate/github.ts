import {markdown} from '../report/markdown.ts'
import {oneLine} from '../report/page.ts'
import type {GateResult} from './gate.ts'
import {fullName, gatePage} from './gate-page.ts'

/** GitHub shows ten annotations of a kind for a step. */
const MOST_ANNOTATIONS = 10
/** GitHub refuses a step's summary beyond 1 MiB. */
const MOST_SUMMARY_BYTES = 1_000_000

/** Workflow commands that mark what did not pass: one line each, errors for regressions, warnings for what is open. */
export function annotations({checks, unfinished}: GateResult): string[] {
  const lines = [
    ...unfinished.map((why) => ({level: 'warning', title: 'slm gate inconclusive', why})),
    ...checks.flatMap((check) =>
      check.verdict === 'regression' || check.verdict === 'inconclusive'
        ? [
            {
              level: check.verdict === 'regression' ? 'error' : 'warning',
              title: `slm gate ${check.verdict}: ${fullName(check)}`,
              why: check.why,
            },
          ]
        : [],
    ),
  ]
  return ['error', 'warning'].flatMap((level) => {
    const ofLevel = lines.filter((line) => line.level === level)
    const rest = ofLevel.length - MOST_ANNOTATIONS
    return ofLevel.slice(0, MOST_ANNOTATIONS).map(({title, why}, index) => {
      const more = index === MOST_ANNOTATIONS - 1 && rest > 0 ? ` (and ${rest} more)` : ''
      return `::${level} title=${escapeProperty(title)}::${escapeData(`${why}${more}`)}`
    })
  })
}

/** As the toolkit's `command.ts` escapes a message. */
function escapeData(text: string): string {
  return oneLine(text).replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A')
}

/** As the toolkit's `command.ts` escapes a property. */
function escapeProperty(text: string): string {
  return escapeData(text).replaceAll(':', '%3A').replaceAll(',', '%2C')
}

/**
 * Printed text in which the runner finds no workflow command: `::` at the start of a line and `##[` anywhere would be one,
 * and the text holds what models wrote.
 */
export function withoutCommands(text: string): string {
  return text.replaceAll('::', ':\\u{3a}').replaceAll('##[', '#\\u{23}[')
}

/** The page for a pull request or a job summary; without its flips where it would be too long. */
export function gateMarkdown(result: GateResult): string {
  const whole = markdown(gatePage(result))
  if (Buffer.byteLength(whole) <= MOST_SUMMARY_BYTES) return whole
  const note = 'changed samples are left out: the page would be longer than GitHub takes'
  const short = markdown(gatePage({...result, flips: {}, notes: [...result.notes, note]}))
  return short.slice(0, MOST_SUMMARY_BYTES / 4)
}
