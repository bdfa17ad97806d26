import {describe, expect, it} from 'vitest'
import {cellText} from '../../src/report/cell.ts'
import {PUBLISHED_TASKS, readPublishedScores} from '../../src/report/published.ts'

describe('the published rows', () => {
  const {groups} = readPublishedScores()

  it('are Table 1 of arXiv 2501.16273, cell by cell', () => {
    const text = groups(PUBLISHED_TASKS).flatMap(({heading, rows}) => [
      heading,
      ...rows.map(({name, scores, average}) =>
        [name, ...[...scores, average].map(({rl, rg}) => `${cellText(rl)}/${cellText(rg)}`)].join(' '),
      ),
    ])
    expect(text).toEqual([
      '',
      'Phi-3.3B (teacher), published 0.85/0.96 0.31/0.70 0.93/0.74 0.36/0.28 0.61/0.67',
      'Decoder-only',
      'Seq2Seq, published 0.55/0.90 0.30/0.29 0.91/0.61 0.19/0.14 0.49/0.49',
      'KD, published 0.57/0.90 0.31/0.40 0.93/0.63 0.24/0.19 0.51/0.53',
      'Encoder-Decoder (Seq2Seq)',
      '1/3-2/3, published 0.61/0.91 0.31/0.29 0.93/0.65 0.23/0.15 0.52/0.50',
      '1/2-1/2, published 0.64/0.92 0.31/0.28 0.93/0.66 0.24/0.17 0.53/0.51',
      '2/3-1/3, published 0.67/0.93 0.31/0.26 0.93/0.66 0.25/0.19 0.54/0.51',
      'Encoder-Decoder (KD)',
      '1/3-2/3, published 0.62/0.93 0.32/0.40 0.93/0.70 0.26/0.19 0.53/0.56',
      '1/2-1/2, published 0.60/0.91 0.32/0.45 0.93/0.73 0.27/0.20 0.53/0.57',
      '2/3-1/3, published 0.69/0.94 0.32/0.46 0.93/0.74 0.27/0.20 0.55/0.59',
    ])
  })

  it('have averages that are the plain means of their four tasks, to a hundredth', () => {
    for (const {scores, average} of groups(PUBLISHED_TASKS).flatMap(({rows}) => rows)) {
      const values = scores.map(({rl}) => (rl.kind === 'number' ? rl.value : Number.NaN))
      const mean = values.reduce((sum, value) => sum + value, 0) / 4
      expect(Math.abs(mean - (average.rl.kind === 'number' ? average.rl.value : Number.NaN))).toBeLessThan(
        0.0101,
      )
    }
  })

  it('have nothing for a task that the paper does not have, and say so', () => {
    const [teacher] = groups(['xsum-mini'])[0]!.rows
    expect(teacher?.scores[0]?.rl).toEqual({
      kind: 'missing',
      short: 'not published',
      why: 'the paper has no task xsum-mini',
    })
  })
})
