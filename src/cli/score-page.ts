import type {PredictionScores} from '../eval/score-predictions.ts'
import type {Page} from '../report/page.ts'

/** Scores as a person reads them: two decimals of a percentage; `--json` has the unrounded values. */
export function scorePage({
  task,
  count,
  metrics,
  missing,
  interval,
  definitions,
  notes,
}: PredictionScores): Page {
  const rows = Object.entries(metrics).map(([id, estimate]) => {
    const {scale} = definitions[id]!
    if ('missing' in estimate) return [id, 'none', '', '0'].map((text) => ({text}))
    const {value, low, high} = estimate
    const digits = scale === 1 ? 4 : 2
    return [
      id,
      value.toFixed(digits),
      `[${low.toFixed(digits)}, ${high.toFixed(digits)}]`,
      String(estimate.count),
    ].map((text) => ({text}))
  })
  return {
    title: `${task}: ${count} samples`,
    sections: [
      {
        kind: 'grid',
        title: '',
        columns: ['metric', 'value', '95% interval', 'count'],
        groups: [{heading: '', rows}],
      },
      {
        kind: 'lines',
        title: 'Definitions',
        lines: Object.entries(definitions).map(([id, {source}]) => `${id}: ${source}`),
      },
      {
        kind: 'lines',
        title: 'Notes',
        lines: [
          ...(missing.count === 0
            ? []
            : [`${missing.count} references had no prediction and were counted as: ${missing.countedAs}`]),
          `intervals: percentile bootstrap over samples, ${interval.resamples} resamples, seed ${interval.seed}`,
          ...notes,
        ],
      },
    ],
  }
}
