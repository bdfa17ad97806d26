import fc from 'fast-check'
import {describe, expect, it} from 'vitest'
import type {GenerationSettings} from '../../src/decode/generation-settings.ts'
import {decodeEvents, decodeRows} from './decode-rows.ts'
import {coarseLogits, type Script, scriptedModel} from './scripted-model.ts'

const prompts = fc.array(fc.array(fc.nat(16), {minLength: 1, maxLength: 9}), {minLength: 1, maxLength: 12})
const joins = fc.constantFrom('any', 'same-step', 'never') satisfies fc.Arbitrary<
  NonNullable<Script['joins']>
>
const searches: fc.Arbitrary<Partial<GenerationSettings>> = fc.constantFrom(
  {},
  {repetition_penalty: 1.7, no_repeat_ngram_size: 2},
  {do_sample: true, temperature: 1.5},
  {do_sample: true, top_p: 0.8, num_return_sequences: 3},
  {num_beams: 3},
  {num_beams: 2, num_return_sequences: 2, early_stopping: true, length_penalty: 0.3},
  {num_beams: 2, do_sample: true},
)

describe('decodeAll', () => {
  it('gives a batch of n the rows of n singles, whatever joins, refills and batch sizes do', async () => {
    await fc.assert(
      fc.asyncProperty(
        prompts,
        joins,
        searches,
        fc.record({
          batchSize: fc.oneof(fc.integer({min: 1, max: 8}), fc.constant('auto' as const)),
          prefillTokens: fc.integer({min: 1, max: 30}),
          refillShare: fc.double({min: 0, max: 1, noNaN: true}),
          parkShare: fc.double({min: 0, max: 1, noNaN: true}),
        }),
        async (all, join, generation, {batchSize, ...limits}) => {
          const model = scriptedModel({joins: join, end: [0, 1]})
          const together = await decodeRows(model, all, {generation, batchSize, limits, topLogits: 2})
          expect(model.log.open).toBe(0)
          for (const [key, prompt] of all.entries()) {
            const alone = scriptedModel({end: [0, 1]})
            // The row's key is its seed: prompts before it are left out by giving them nothing to do.
            const padded = all.map((other, index) => (index === key ? other : prompt))
            const single = (
              await decodeRows(alone, padded.slice(0, key + 1), {generation, batchSize: 1, topLogits: 2})
            )[key]
            expect(together[key]).toEqual(single)
          }
        },
      ),
      {numRuns: 60},
    )
  })

  it('gives the same rows in any order of the requests', async () => {
    await fc.assert(
      fc.asyncProperty(prompts, joins, async (all, join) => {
        const forward = await decodeRows(scriptedModel({joins: join}), all, {batchSize: 3})
        const backward = await decodeRows(scriptedModel({joins: join}), [...all].reverse(), {batchSize: 3})
        const ids = (rows: typeof forward): unknown[] =>
          rows.map((row) => (row.kind === 'decoded' ? row.newIds : row))
        expect(ids(backward).reverse()).toEqual(ids(forward))
      }),
    )
  })

  it('spends no step on rows that have ended', async () => {
    const model = scriptedModel()
    const rows = await decodeRows(model, [[1], [2, 3], [4, 5, 6], [7, 8], [9]], {batchSize: 5})
    const steps = rows.map((row) => (row.kind === 'decoded' ? row.newIds.length - 1 : 0))
    expect(model.log.rowSteps).toBe(steps.reduce((sum, each) => sum + each, 0))
    expect(model.log.steps).toBe(Math.max(...steps))
  })

  it('lets waiting prompts take free places before the batch is done', async () => {
    const all = Array.from({length: 24}, (_, index) => [index % 17, index % 5])
    const joined = scriptedModel({joins: 'any'})
    const separate = scriptedModel({joins: 'never'})
    await decodeRows(joined, all, {batchSize: 4})
    await decodeRows(separate, all, {batchSize: 4})
    expect(joined.log.mostRows).toBe(4)
    expect(joined.log.steps).toBeLessThan(separate.log.steps)
  })

  it('lets the stragglers of several batches share their steps where only equally long rows join', async () => {
    // One prompt in four goes on to the limit, the others end at once.
    const logits = (promptIds: readonly number[]): number[] =>
      Array.from({length: 40}, (_, token) => (token === (promptIds[0]! % 4 === 0 ? 1 : 0) ? 1 : 0))
    const all = Array.from({length: 32}, (_, index) => [index])
    const model = scriptedModel({joins: 'same-step', logits, vocabulary: 40})
    const rows = await decodeRows(model, all, {batchSize: 8, generation: {max_new_tokens: 20}})
    expect(rows.filter((row) => row.kind === 'decoded' && row.finish === 'length')).toHaveLength(8)
    // Four batches of 8 leave two stragglers each: 4 x 19 steps alone, about 19 together.
    expect(model.log.steps).toBeLessThan(30)
  })

  it('begins with the longest prompts', async () => {
    const seen: number[] = []
    const model = scriptedModel({
      onCompute: (kind, rows) => {
        if (kind === 'prefill') seen.push(...rows.map((row) => row.length))
      },
    })
    await decodeRows(model, [[1], [1, 2, 3], [1, 2]], {batchSize: 1})
    expect(seen).toEqual([3, 2, 1])
  })

  it('bounds the padded tokens of a prefill', async () => {
    const sizes: number[] = []
    const model = scriptedModel({
      onCompute: (kind, rows) => {
        if (kind === 'prefill') sizes.push(rows.length * Math.max(...rows.map((row) => row.length)))
      },
    })
    const all = Array.from({length: 9}, (_, index) => Array.from({length: index + 1}, () => index))
    await decodeRows(model, all, {batchSize: 9, limits: {prefillTokens: 12}})
    expect(Math.max(...sizes)).toBeLessThanOrEqual(12)
    expect(sizes.length).toBeLessThan(9)
  })

  it('halves the batch when memory runs out, says so, and gives the same rows', async () => {
    const all = Array.from({length: 10}, (_, index) => [index, 3, index])
    const tight = scriptedModel({
      onCompute: (_, rows) => {
        if (rows.length > 2) throw new Error('std::bad_alloc')
      },
    })
    const events = await decodeEvents(tight, all, {batchSize: 8})
    const sizes = events.filter((event) => event.kind === 'batch-size')
    expect(sizes.map(({from, to}) => [from, to])).toEqual([
      [8, 4],
      [4, 2],
    ])
    expect(await decodeRows(tight, all, {batchSize: 8})).toEqual(await decodeRows(scriptedModel(), all))
    expect(tight.log.open).toBe(0)
  })

  it('moves no more rows than have ended', async () => {
    // Row n ends after n tokens.
    const logits = (promptIds: readonly number[], newIds: readonly number[]): number[] =>
      Array.from({length: 17}, (_, token) => (token === (newIds.length < promptIds[0]! ? 1 : 0) ? 1 : 0))
    const plain = scriptedModel({logits})
    const drops: {readonly ended: number; readonly moved: number}[] = []
    const watched = {
      ...plain,
      prefill: async (prompts: readonly (readonly number[])[]) => {
        const state = await plain.prefill(prompts)
        const select = state.select.bind(state)
        return Object.assign(state, {
          select: (rows: Int32Array): void => {
            drops.push({ended: state.rows - rows.length, moved: rows.filter((row, at) => row !== at).length})
            select(rows)
          },
        })
      },
    }
    await decodeRows(
      watched,
      Array.from({length: 9}, (_, index) => [index, 3, index]),
      {batchSize: 9},
    )
    expect(drops.length).toBeGreaterThan(2)
    expect(drops.filter(({ended, moved}) => moved > ended)).toEqual([])
  })

  it('fails a row that does not fit alone, and goes on with the others', async () => {
    const model = scriptedModel({
      onCompute: (_, rows) => {
        if (rows.some((row) => row.length === 3)) throw new RangeError('Array buffer allocation failed')
      },
    })
    const rows = await decodeRows(model, [[1], [2], [1, 2, 3], [4, 5]], {batchSize: 4})
    expect(rows.map(({kind}) => kind)).toEqual(['decoded', 'decoded', 'failed', 'decoded'])
  })

  it('finds the one row that the model fails on, in a prefill or in a step', async () => {
    for (const at of ['prefill', 'step']) {
      const model = scriptedModel({
        end: [],
        onCompute: (kind, rows) => {
          if (kind === at && rows.some((row) => row[0] === 5))
            throw new Error('node Gather_12: index out of range')
        },
      })
      const rows = await decodeRows(
        model,
        [
          [1, 1],
          [5, 1],
          [2, 1],
          [3, 1],
        ],
        {batchSize: 4},
      )
      const good = await decodeRows(scriptedModel({end: []}), [
        [1, 1],
        [5, 1],
        [2, 1],
        [3, 1],
      ])
      expect(rows[1]).toEqual({kind: 'failed', key: 1, error: 'node Gather_12: index out of range'})
      expect(rows.filter((_, key) => key !== 1)).toEqual(good.filter((_, key) => key !== 1))
      expect(model.log.open).toBe(0)
    }
  })

  it('fails a row whose logits are not numbers, whether log-probabilities are asked for or not', async () => {
    for (const damage of [Number.NaN, Number.POSITIVE_INFINITY]) {
      const model = scriptedModel({
        logits: (promptIds, newIds) =>
          coarseLogits(17)(promptIds, newIds).map((logit, token) =>
            promptIds[0] === 3 && token === 9 ? damage : logit,
          ),
      })
      for (const num_beams of [1, 2])
        for (const logprobs of [true, false]) {
          const rows = await decodeRows(model, [[1], [3]], {generation: {num_beams}, logprobs})
          expect(rows.map(({kind}) => kind)).toEqual(['decoded', 'failed'])
        }
    }
  })

  it('fails prompts that are empty, fill the context or hold unknown ids, and decodes the rest', async () => {
    const model = scriptedModel({contextLength: 6})
    const rows = await decodeRows(model, [[], [1, 2, 3, 4, 5, 6], [99], [1, 2, 3, 4]])
    expect(rows.map((row) => (row.kind === 'failed' ? row.error : row.newIds.length <= 2))).toEqual([
      'the prompt is empty',
      'the prompt of 6 ids fills the context of 6',
      'the prompt holds id 99, the vocabulary has 17',
      true,
    ])
  })

  it('plans auto by the memory of the longest rows', async () => {
    const model = scriptedModel()
    // 100 bytes a token: (8 + 12) tokens are 2000 bytes, so 3 rows fit.
    const all = Array.from({length: 9}, (_, index) => Array.from({length: 8}, () => index))
    await decodeRows(model, all, {batchSize: 'auto', limits: {cacheBudgetBytes: 6500}})
    expect(model.log.mostRows).toBe(3)
  })

  it('goes on with what is set aside when it holds all the memory that auto may use', async () => {
    const model = scriptedModel({
      joins: 'same-step',
      // Prompts that begin with 1 end at once, all others at the limit.
      logits: (promptIds) =>
        Array.from({length: 17}, (_, token) => (token === (promptIds[0] === 1 ? 0 : 5) ? 1 : 0)),
      onCompute: (kind, rows) => {
        if (kind === 'prefill' && rows.length === 0) throw new Error('a prefill of no rows')
      },
    })
    const waiting = Array.from({length: 40}, (_, row) => [row < 8 ? 1 : 2, 2, 3])
    // Room for sixteen rows of 3 + 12 tokens at 100 bytes.
    const rows = await decodeRows(model, waiting, {batchSize: 'auto', limits: {cacheBudgetBytes: 24_000}})
    expect(rows.map((row) => row.kind)).toEqual(waiting.map(() => 'decoded'))
    expect(model.log.mostRows).toBeLessThanOrEqual(16)
  })

  it('throws the reason of an abort and closes what is open', async () => {
    const controller = new AbortController()
    const model = scriptedModel({
      onCompute: (kind) => {
        if (kind === 'step') controller.abort(new Error('enough'))
      },
    })
    await expect(decodeRows(model, [[1], [2]], {hooks: {signal: controller.signal}})).rejects.toThrow(
      'enough',
    )
    expect(model.log.open).toBe(0)
  })

  it('reports progress at most four times a second', async () => {
    let clock = 0
    const events = await decodeEvents(scriptedModel({end: []}), [[1]], {
      generation: {max_new_tokens: 30},
      // Each look at the clock is 10 ms after the last.
      hooks: {nowMs: () => (clock += 10)},
    })
    const progress = events.filter((event) => event.kind === 'progress')
    expect(progress.length).toBeGreaterThan(0)
    expect(progress.length).toBeLessThanOrEqual(Math.floor(clock / 250))
  })

  it('times a row from its prefill to its first and last token', async () => {
    let clock = 0
    const model = scriptedModel({
      end: [],
      onCompute: (kind) => {
        clock += kind === 'prefill' ? 100 : 10
      },
    })
    const events = await decodeEvents(model, [[1]], {
      generation: {max_new_tokens: 4},
      hooks: {nowMs: () => clock},
    })
    const rows = events.flatMap((event) =>
      event.kind === 'row' && event.row.kind === 'decoded' ? [event.row] : [],
    )
    expect(rows[0]?.timing).toEqual({firstTokenMs: 100, totalMs: 130})
  })
})
