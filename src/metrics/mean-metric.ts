import type {Metric} from './metric.ts'

/** A metric that is the mean of a score per sample, which is 0..1, or undefined where the sample does not count. */
export function meanMetric(
  facts: Pick<Metric, 'id' | 'version' | 'scale' | 'source'>,
  score: (prediction: string, references: readonly string[]) => number | undefined,
): Metric {
  return {
    ...facts,
    statistics: (prediction, references) => {
      const value = score(prediction, references)
      return value === undefined ? undefined : [value]
    },
    // Scaled before the division, as SQuAD's script does it: `100.0 * sum / total`.
    value: ([sum = 0], count) => (facts.scale * sum) / count,
  }
}
