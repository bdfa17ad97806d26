import {beforeAll, describe, expect, it} from 'vitest'
import {gatePolicySchema} from '../../src/config/gate-policy.ts'
import {type GateResult, gate} from '../../src/gate/gate.ts'
import {gatePage} from '../../src/gate/gate-page.ts'
import {annotations, gateMarkdown, withoutCommands} from '../../src/gate/github.ts'
import {escapeXml, junitXml} from '../../src/gate/junit.ts'
import {readSide} from '../../src/gate/read-side.ts'
import {terminal} from '../../src/report/terminal.ts'
import {type SampleDraft, writeRun} from './gate-runs.ts'
import {readXml} from './read-xml.ts'

/** What a model may write to take over a log, a terminal, a page or a test report. */
const HOSTILE = [
  '\n::error::gone',
  '::stop-commands::x',
  '##[set-output name=a]b',
  '\u001b[2J\u001b]0;title\u0007',
  '</failure><x a="1">&amp;',
  ']]>',
  '| a | b |',
  '[link](https://example.org)',
  '%0A::warning::x',
  '\u0000\u0008\ufffe\u{1F600}\ud800',
  '\u202eabc',
  '\r\n<script>alert(1)</script>',
].join(' ')

const STAMP = {timestamp: '2025-01-31T12:00:00', seconds: 1.25}

async function resultOf(
  task: string,
  samples: readonly SampleDraft[],
  base: readonly SampleDraft[],
  settings: object = {},
) {
  const [run, baseline] = [writeRun({tasks: {[task]: samples}}), writeRun({tasks: {[task]: base}})]
  const result = await gate(await readSide(run), await readSide(baseline), {
    policy: gatePolicySchema.parse(settings),
  })
  return {...result, run: 'results/new', baseline: 'results/old'}
}

const falling = (text: string): SampleDraft[] =>
  Array.from({length: 12}, (_, at) => ({id: `${at} ${text}`, score: 0.1, answer: text, references: [text]}))
const standing = (text: string): SampleDraft[] =>
  Array.from({length: 12}, (_, at) => ({id: `${at} ${text}`, score: 0.8, answer: `old ${text}`}))

let plain: GateResult
let hostile: GateResult
beforeAll(async () => {
  plain = await resultOf('xsum', falling('new'), standing('new'), {flips: 1, maxLatencyRatio: 0.5})
  hostile = await resultOf(HOSTILE, [...falling(HOSTILE), 'failed'], [...standing(HOSTILE), 1], {
    maxChanged: 0,
  })
})

describe('the page', () => {
  it('reads as follows on the terminal', () => {
    expect(terminal(gatePage(plain))).toBe(`Gate regression: results/new against results/old

check              baseline  run  difference [95%]     p (Holm)  verdict
---------------------------------------------------------------------------
xsum
  samples          12        12                                  passed
  rougeL           0.8       0.1  -0.7 [-0.7, -0.7]    0.0004    regression
  changed answers                 12 of 12                       not gated
  first token                     x 1.00 [1.00, 1.00]            regression
  next token                      x 1.00 [1.00, 1.00]            regression
whole run
  peak memory                     none                           not gated

Why
- regression: xsum rougeL: -0.7 [-0.7, -0.7] lies beyond a drop of 0.01 (p 0.0004)
- regression: xsum first token: 1.000 [1.000, 1.000] of the baseline, beyond 0.5
- regression: xsum next token: 1.000 [1.000, 1.000] of the baseline, beyond 0.5

xsum: 12 worse, 0 better, 0 changed at the same rougeL, the first 1 shown
- 0 new: 0.8 -> 0.1
- was: old new
- now: new
- reference: new

Notes
- difference: run minus baseline over the samples of both, unrounded; paired percentile bootstrap,
  two-sided approximate randomisation, 10,000 draws each, p after Holm over all metrics
- times: geometric mean of run over baseline, sample by sample; the interval knows nothing of what
  else the machine did
`)
  })

  it('is escaped as Markdown', () => {
    const text = gateMarkdown(hostile)
    expect(text).not.toMatch(/<script|\p{Cf}|<\/failure>|\[link\]\(/u)
    expect(text).not.toContain('\u001b')
    expect(text).not.toMatch(/^::/m)
    expect(gateMarkdown(plain)).toContain(
      '| rougeL | 0.8 | 0.1 | -0.7 \\[-0.7, -0.7\\] | 0.0004 | regression |',
    )
  })

  it('leaves the flips out where GitHub would take no page of that length', async () => {
    const long = Array.from({length: 900}, (_, at) => ({score: 0.5, answer: `${at}${'<&>'.repeat(90)}`}))
    const result = await resultOf(
      'xsum',
      long.map((sample) => ({...sample, score: 0.1})),
      long,
      {flips: 900},
    )
    const text = gateMarkdown(result)
    expect(Buffer.byteLength(text)).toBeLessThan(1_000_000)
    expect(text).toContain('changed samples are left out')
  })
})

describe('on the terminal', () => {
  it('nothing that a model wrote moves the cursor or is a workflow command', () => {
    const text = withoutCommands(terminal(gatePage(hostile)))
    // biome-ignore lint/suspicious/noControlCharactersInRegex: no control character but the newline may be there.
    expect(text).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/)
    // The runner trims a line and looks for `::` at its start, and for `##[` anywhere in it.
    expect(text).not.toMatch(/^\s*::/m)
    expect(text).not.toContain('##[')
  })
})

describe('annotations', () => {
  it('are one command a line, escaped as the toolkit does it', () => {
    const lines = annotations(hostile)
    expect(lines.length).toBeGreaterThan(0)
    for (const line of lines) {
      expect(line).toMatch(/^::(error|warning) title=[^:,\n\r]*::[^\n\r]*$/)
      // Every percent sign is one of ours.
      expect(line.replaceAll(/%(25|0A|0D|3A|2C)/g, '')).not.toContain('%')
    }
  })

  it('name check and reason', () => {
    expect(annotations(plain)[0]).toBe(
      '::error title=slm gate regression%3A xsum rougeL::-0.7 [-0.7, -0.7] lies beyond a drop of 0.01 (p 0.0004)',
    )
  })

  it('are at most ten of a kind, and say how many more there are', async () => {
    const metrics = ['rougeL', 'rouge1', 'rouge2', 'rougeLsum', 'exact', 'f1', 'accuracy']
    const draft = (score: number) => ({
      metrics,
      tasks: {a: new Array<number>(12).fill(score), b: new Array<number>(12).fill(score)},
    })
    const sides = [await readSide(writeRun(draft(0.1))), await readSide(writeRun(draft(0.9)))] as const
    const lines = annotations(await gate(...sides, {policy: gatePolicySchema.parse({maxDrop: 0.001})}))
    expect(lines.length).toBe(10)
    expect(lines.at(-1)).toMatch(/ \(and 4 more\)$/)
  })
})

describe('JUnit XML', () => {
  it('has the elements and attributes that the schemas of Ant and Jenkins ask for', () => {
    for (const result of [plain, hostile]) {
      const root = readXml(junitXml(result, STAMP))
      expect(root.name).toBe('testsuites')
      for (const suite of root.children) {
        expect(Object.keys(suite.attributes)).toEqual([
          'name',
          'package',
          'id',
          'timestamp',
          'hostname',
          'tests',
          'failures',
          'errors',
          'time',
        ])
        const cases = suite.children.filter(({name}) => name === 'testcase')
        const names = suite.children.map(({name}) => name)
        expect(names).toEqual(['properties', ...cases.map(() => 'testcase'), 'system-out', 'system-err'])
        const bad = (name: string) => cases.filter(({children}) => children[0]?.name === name).length
        expect(suite.attributes).toMatchObject({
          tests: String(cases.length),
          failures: String(bad('failure')),
          errors: String(bad('error')),
        })
        for (const one of cases) {
          expect(Object.keys(one.attributes)).toEqual(['name', 'classname', 'time'])
          for (const {attributes} of one.children)
            expect(Object.keys(attributes)).toEqual(['type', 'message'])
        }
      }
    }
  })

  it('says what failed and why, and shows the changed samples', () => {
    const suite = readXml(junitXml(plain, STAMP)).children[0]!
    const failed = suite.children.find(({attributes}) => attributes['name'] === 'rougeL')
    expect(failed?.children[0]).toMatchObject({
      name: 'failure',
      attributes: {type: 'regression', message: '-0.7 [-0.7, -0.7] lies beyond a drop of 0.01 (p 0.0004)'},
    })
    expect(suite.children.at(-2)?.text).toBe('0 new: 0.8 -> 0.1\nwas: old new\nnow: new\nreference: new')
  })

  it('makes visible what no XML document may hold', () => {
    expect(escapeXml('a\u0000b\ufffe<&>"\'\ud800\u{1F600}\n')).toBe(
      'a\\u{0}b\\u{fffe}&lt;&amp;&gt;&quot;&#39;\\u{d800}\u{1F600}\n',
    )
  })
})
