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
  const hasWilson = Object.values(metrics).some((estimate) => 'wilson' in estimate)
  const rows = Object.entries(metrics).map(([id, estimate]) => {
    if ('missing' in estimate)
      return [id, 'none', '', '0', ...(hasWilson ? [''] : [])].map((text) => ({text}))
    const {value, low, high} = estimate
    const digits = definitions[id]!.scale === 1 ? 4 : 2
    const between = (from: number, to: number): string => `[${from.toFixed(digits)}, ${to.toFixed(digits)}]`
    return [
      {text: id},
      {text: value.toFixed(digits)},
      {text: between(low, high)},
      {text: String(estimate.count)},
      ...(hasWilson
        ? [{text: 'wilson' in estimate ? between(estimate.wilson.low, estimate.wilson.high) : ''}]
        : []),
    ]
  })
  const {resamples, seed, clusters} = interval
  const drawn = clusters === undefined ? 'samples' : `${clusters.count} whole clusters of ${clusters.field}`
  return {
    title: `${task}: ${count} samples`,
    sections: [
      {
        kind: 'grid',
        title: '',
        columns: ['metric', 'value', '95% interval', 'count', ...(hasWilson ? ["Wilson's"] : [])],
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
          `intervals: percentile bootstrap over ${drawn}, ${resamples} resamples, seed ${seed}`,
          ...Object.entries(metrics).flatMap(([id, estimate]) =>
            'missing' in estimate ? [`${id}: ${estimate.missing}`] : [],
          ),
          ...notes,
        ],
      },
    ],
  }
}
