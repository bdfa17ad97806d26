import {describe, expect, it} from 'vitest'
import {processorChain} from '../../src/decode/processors/processor-chain.ts'
import {planRow} from '../../src/decode/row-plan.ts'
import {decodeRows} from './decode-rows.ts'
import {type GoldenCase, goldenCases, goldenLogits, goldenModel, goldenSettings} from './golden-model.ts'

interface SearchCase extends GoldenCase {
  /** For each returned sequence. */
  readonly newIds: readonly (readonly number[])[]
  readonly scores?: readonly number[]
}

interface ScoresCase extends GoldenCase {
  readonly newIds: readonly number[]
  /** For each step the [id, score] that are allowed. */
  readonly scores: readonly (readonly (readonly [number, number])[])[]
}

/** The reference's numbers have 7 significant digits or more. */
function near(score: number): unknown {
  return expect.closeTo(score, 5 - Math.max(0, Math.floor(Math.log10(Math.abs(score) + 1))))
}

/** Cases that can run in one batch. */
function bySettings(cases: readonly SearchCase[]): readonly (readonly SearchCase[])[] {
  const groups = new Map<string, SearchCase[]>()
  for (const golden of cases) {
    const key = JSON.stringify([golden.kind, golden.end, golden.seed, golden.settings])
    groups.set(key, [...(groups.get(key) ?? []), golden])
  }
  return [...groups.values()]
}

describe.each(['greedy', 'beams', 'mixed'])('%s, as transformers generates', (name) => {
  const groups = bySettings(goldenCases<SearchCase>(name))
  it.each(
    groups.map(
      (cases) =>
        [`${cases[0]!.kind}, end ${cases[0]!.end}, ${JSON.stringify(cases[0]!.settings)}`, cases] as const,
    ),
  )('%s', async (_, cases) => {
    const rows = await decodeRows(
      goldenModel(cases[0]!),
      cases.map(({prompt}) => prompt),
      {generation: goldenSettings(cases[0]!), batchSize: 4},
    )
    const found = rows.map((row) => {
      if (row.kind === 'failed') return row
      const sequences = row.sequences ?? [{newIds: row.newIds, score: row.score}]
      return {newIds: sequences.map(({newIds}) => newIds), scores: sequences.map(({score}) => score)}
    })
    for (const [index, {newIds, scores}] of cases.entries()) {
      const row = found[index]!
      expect(row).toEqual({
        newIds,
        scores: scores?.map((score) => near(score)) ?? [undefined],
      })
    }
  })
})

describe('processors, as transformers changes scores', () => {
  const cases = goldenCases<ScoresCase>('processed-scores')
  it.each(cases.map((golden) => [`${golden.kind}, ${JSON.stringify(golden.settings)}`, golden] as const))(
    '%s',
    (_, golden) => {
      const plan = planRow(
        goldenModel(golden).facts,
        {key: 0, promptIds: golden.prompt, seed: 0},
        {generation: goldenSettings(golden), batchSize: 1, topLogits: 0, stopStrings: [], seed: 0},
        {stopText: undefined, scratch: (length) => new Float32Array(length)},
      )
      if (typeof plan === 'string') throw new Error(plan)
      const chain = processorChain(plan.settings, plan)
      for (const [step, allowed] of golden.scores.entries()) {
        const newIds = golden.newIds.slice(0, step)
        const scores = Float32Array.from(goldenLogits(golden, golden.prompt, newIds))
        for (const processor of chain) processor(scores, [...plan.inputIds, ...newIds], 0)
        const found = [...scores.entries()].filter(([, score]) => score !== Number.NEGATIVE_INFINITY)
        expect(found).toEqual(allowed.map(([id, score]) => [id, near(score)]))
      }
    },
  )
})
