import {expect, it} from 'vitest'
import {METRIC_IDS, metricById} from '../../src/metrics/catalogue.ts'

it('opens every metric under its own id, with a source', async () => {
  for (const id of METRIC_IDS) {
    const metric = await metricById(id)
    expect(metric.id).toBe(id)
    expect(metric.source).not.toBe('')
  }
})

it('refuses a name it does not know and lists those it knows', async () => {
  await expect(metricById('toString')).rejects.toMatchObject({
    code: 'metric-unknown',
    message: 'there is no metric "toString"',
    hint: expect.stringContaining('rougeL-stem'),
  })
})

it('gives the mean from sums, in the scale of the reference program', async () => {
  const [rouge, f1] = await Promise.all([metricById('rougeL'), metricById('f1')])
  expect([rouge.value([1], 4), f1.value([1], 4)]).toEqual([0.25, 25])
})

it('leaves a question without an answer out of ROUGE and of hasAns', async () => {
  for (const id of ['rouge1', 'rouge2-stem', 'rougeL', 'rougeLsum', 'hasAns-f1', 'hasAns-exact'])
    expect((await metricById(id)).statistics('', [])).toBeUndefined()
  for (const id of ['f1', 'exact', 'noAns-f1', 'noAns-exact'])
    expect((await metricById(id)).statistics('', [])).toEqual([1])
  expect((await metricById('noAns-f1')).statistics('', ['x'])).toBeUndefined()
})

it('counts for shared-exact the questions of that kind alone', async () => {
  const metric = await metricById('shared-exact')
  expect(metric.statistics('Ashport', ['ashport'], 'shared')).toEqual([1])
  expect(metric.statistics('Langport', ['ashport'], 'shared')).toEqual([0])
  expect(metric.statistics('Ashport', ['ashport'], 'single')).toBeUndefined()
  expect(metric.statistics('Ashport', ['ashport'])).toBeUndefined()
})
