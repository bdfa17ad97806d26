import {mkdtemp, readFile} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import fc from 'fast-check'
import {expect, it} from 'vitest'
import {evaluate} from '../../src/eval/evaluate.ts'
import {mergeRuns} from '../../src/eval/merge-runs.ts'
import {configFor, optionsFor, type Row, taskFolder} from './fake-checkpoint.ts'

const row = fc.record({
  text: fc.string({maxLength: 12}),
  answer: fc.string({minLength: 1, maxLength: 3}),
  kind: fc.constantFrom('good', 'no text', 'X'),
})

const rowsOf = fc.array(row, {minLength: 1, maxLength: 30}).map((rows): Row[] => [
  {id: 'first', text: 'one good row', answer: 'c'},
  ...rows.map(({text, answer, kind}, index) => ({
    id: `r${index}`,
    answer,
    ...(kind === 'no text' ? {} : {text: kind === 'X' ? `X${text}` : text}),
  })),
])

const withoutTiming = (text: string): string => text.replaceAll(/,"timing":\{[^}]*\}/g, '')

/** What must be byte-equal: records without timing, manifest without machine, summary. */
async function bytesOf(folder: string): Promise<string[]> {
  const read = (name: string): Promise<string> => readFile(join(folder, name), 'utf8')
  const {machine: _, ...manifest} = JSON.parse(await read('manifest.json'))
  return [withoutTiming(await read('samples.jsonl')), JSON.stringify(manifest), await read('summary.json')]
}

it('gives the bytes of an unsharded run, however many shards there are and whatever failed', async () => {
  await fc.assert(
    fc.asyncProperty(rowsOf, fc.integer({min: 1, max: 5}), async (rows, count) => {
      const folder = await taskFolder(rows)
      const whole = await evaluate(configFor(folder), await optionsFor())
      const shards: string[] = []
      for (let index = 1; index <= count; index++) {
        const config = configFor(folder, {shard: `${index}/${count}`})
        shards.push((await evaluate(config, await optionsFor())).folder)
      }
      const out = await mkdtemp(join(tmpdir(), 'slm-merged-'))
      await mergeRuns(shards.reverse(), out, {allowPartial: false})
      expect(await bytesOf(out)).toEqual(await bytesOf(whole.folder))
    }),
    {numRuns: 8},
  )
})

it('says in the summary of a partial merge that it is inconclusive', async () => {
  const folder = await taskFolder([
    {id: 'a', text: 'b', answer: 'b'},
    {id: 'b', text: 'b', answer: 'b'},
  ])
  const shard = await evaluate(configFor(folder, {shard: '2/2'}), await optionsFor())
  const out = await mkdtemp(join(tmpdir(), 'slm-merged-'))
  const {summary} = await mergeRuns([shard.folder], out, {allowPartial: true})
  expect(summary.notes).toEqual(['inconclusive: shards 1 are missing or unfinished'])
})
