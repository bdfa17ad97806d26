import {expect, it} from 'vitest'
import {benchPage} from '../../src/cli/bench-page.ts'
import {benchRun} from '../../src/report/bench-cells.ts'
import {benchPage as comparisonPage} from '../../src/report/bench-page.ts'
import {benchReading} from '../../src/report/bench-reading.ts'
import {compareBenches} from '../../src/report/compare-benches.ts'
import type {Page} from '../../src/report/page.ts'
import type {BenchRecord} from '../../src/store/bench-record.ts'
import {MACHINE, madeUpRun, modelRecord, sampleRecord} from '../report/bench-records.ts'

function pageOf(records: readonly BenchRecord[]): Page {
  const reading = benchReading('made-up', records)
  return benchPage({folder: 'made-up', unequal: []}, reading, benchRun(reading))
}

/** Column heading and model to what is printed under them for 512 tokens, batch 1, cached. */
function printed({sections}: Page, heading: RegExp): Map<string, string> {
  const cells = new Map<string, string>()
  for (const section of sections) {
    if (section.kind !== 'grid') continue
    const rows = section.groups.find((group) => heading.test(group.heading))?.rows ?? []
    for (const [model, ...values] of rows)
      values.forEach(({text, detail}, index) => {
        cells.set(`${model?.text} ${section.columns[index + 1]}`, `${text} ${detail ?? ''}`)
      })
  }
  return cells
}

const notes = ({sections}: Page): string =>
  sections.flatMap((section) => (section.kind === 'lines' ? section.lines : [])).join('\n')

it('prints the figures of slm compare --bench, in the same units', () => {
  const own = printed(pageOf(madeUpRun()), /^512 tokens in, 5 out, batch 1, cached$/)
  const compared = printed(
    comparisonPage(compareBenches([benchReading('made-up', madeUpRun())]), []),
    /^cached, batch 1, 512 input tokens/,
  )
  expect(own.get('made-up-enc-dec peak (MB)')).toMatch(/^1,305 /)
  const shared = [...own].filter(([key]) => !/ (GEMM|read)$/.test(key))
  expect(shared).toHaveLength(10)
  for (const [key, text] of shared) expect([key, compared.get(key)]).toEqual([key, text])
})

it('takes shares of what the machine could do at the first start, as slm compare --bench does', () => {
  const slower = {...MACHINE, start: 2, gemm: {value: 50e9, samples: [50e9], method: 'made up'}}
  const key = 'made-up-enc-dec GEMM'
  const once = printed(pageOf(madeUpRun()), /^512 tokens in, 5 out, batch 1, cached$/)
  const twice = printed(pageOf([...madeUpRun(), slower]), /^512 tokens in, 5 out, batch 1, cached$/)
  expect(once.get(key)).toMatch(/^\d+% $/)
  expect(twice.get(key)).toBe(once.get(key))
})

it('says why a cell has no figures, and how many samples were busy', () => {
  const model = modelRecord('a-dec-only')
  const {model: name, setting, batch, outputTokens} = sampleRecord(model)
  const lines = notes(
    pageOf([
      MACHINE,
      model,
      sampleRecord(model, {isBusy: true}),
      sampleRecord(model, {repeat: 1}),
      {kind: 'missing', model: name, setting, batch, outputTokens, inputTokens: 9000, why: 'too long for it'},
    ]),
  )
  expect(lines).toContain('busy with other programs in 1 of 2 samples')
  expect(lines).toContain('a-dec-only, 9000 tokens, batch 1, cached: too long for it')
})
