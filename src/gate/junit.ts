import {type Check, checkName} from './checks.ts'
import type {GateResult} from './gate.ts'
import {flipLines} from './gate-page.ts'

export interface JunitOptions {
  /** Local time without a zone, as the schema asks: `2025-01-31T12:00:00`. */
  readonly timestamp: string
  /** How long the gate took. */
  readonly seconds: number
}

/**
 * JUnit XML: a suite for each task, a case for each check, changed samples as its output; a regression is a failure, what is
 * inconclusive an error. Valid under the schema of Ant's report (windyroad/JUnit-Schema) and under Jenkins' own (xunit-plugin, junit-10.xsd).
 */
export function junitXml(result: GateResult, options: JunitOptions): string {
  const suites = [...suitesOf(result)]
  const blocks = suites.map(([name, checks], index) => suiteXml(name, checks, index, result, options))
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites>\n${blocks.join('\n')}\n</testsuites>\n`
}

function suitesOf({checks, unfinished}: GateResult): Map<string, readonly JunitCase[]> {
  const suites = new Map<string, JunitCase[]>()
  const add = (suite: string, one: JunitCase): void => {
    suites.set(suite, [...(suites.get(suite) ?? []), one])
  }
  for (const why of unfinished) add('run', {name: 'finished', verdict: 'inconclusive', why})
  for (const check of checks) {
    const {verdict, why} = check
    add(typeof check.task === 'string' ? check.task : 'run', {name: checkName(check), verdict, why})
  }
  return suites
}

interface JunitCase {
  readonly name: string
  readonly verdict: Check['verdict']
  readonly why: string
}

function suiteXml(
  name: string,
  cases: readonly JunitCase[],
  id: number,
  {run, baseline, changes, flips}: GateResult,
  {timestamp, seconds}: JunitOptions,
): string {
  const count = (verdict: Check['verdict']): number => cases.filter((one) => one.verdict === verdict).length
  const settings = {
    run,
    baseline,
    ...Object.fromEntries(changes.map((change, at) => [`change ${at + 1}`, change])),
  }
  const properties = Object.entries(settings).map(
    ([key, value]) => `      <property name=${quoted(key)} value=${quoted(value)}/>`,
  )
  const listed = Object.hasOwn(flips, name) ? flips[name]!.listed.flatMap(flipLines) : []
  const attributes = [
    `name=${quoted(name === '' ? '(no name)' : name)}`,
    'package="slm.gate"',
    `id="${id}"`,
    `timestamp=${quoted(timestamp)}`,
    'hostname="localhost"',
    `tests="${cases.length}"`,
    `failures="${count('regression')}"`,
    `errors="${count('inconclusive')}"`,
    `time="${(id === 0 ? seconds : 0).toFixed(3)}"`,
  ]
  return [
    `  <testsuite ${attributes.join(' ')}>`,
    `    <properties>\n${properties.join('\n')}\n    </properties>`,
    ...cases.map((one) => caseXml(name, one)),
    `    <system-out>${escapeXml(listed.join('\n'))}</system-out>`,
    '    <system-err></system-err>',
    '  </testsuite>',
  ].join('\n')
}

function caseXml(suite: string, {name, verdict, why}: JunitCase): string {
  const start = `    <testcase name=${quoted(name)} classname=${quoted(`slm.gate.${suite}`)} time="0"`
  if (verdict === 'passed' || verdict === 'not gated') return `${start}/>`
  const element = verdict === 'regression' ? 'failure' : 'error'
  return `${start}>\n      <${element} type="${verdict}" message=${quoted(why)}>${escapeXml(why)}</${element}>\n    </testcase>`
}

function quoted(text: string): string {
  return `"${escapeXml(text).replaceAll(/[\t\n\r]/g, ' ')}"`
}

/**
 * Text as XML 1.0 may hold it: marks as entities, and every character that no XML 1.0 document may contain, however
 * written (most controls, halves of surrogate pairs, U+FFFE, U+FFFF), made visible.
 */
export function escapeXml(text: string): string {
  return text
    .replaceAll(
      // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what XML forbids.
      /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\p{Cs}\ufffe\uffff]/gu,
      (character) => `\\u{${character.codePointAt(0)!.toString(16)}}`,
    )
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;')
}
