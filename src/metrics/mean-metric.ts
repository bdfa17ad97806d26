import type {Metric} from './metric.ts'

/** Whether the metric is the mean of one number a sample, told by what it does with sums. */
export function isMean({value, scale}: Metric): boolean {
  return value([1], 4) === scale / 4 && value([3, 5], 4) === (3 * scale) / 4
}

/** A metric that is the mean of a score per sample, which is 0..1, or undefined where the sample does not count. */
export function meanMetric(
  facts: Pick<Metric, 'id' | 'version' | 'scale' | 'source'>,
  score: (prediction: string, references: readonly string[], kind?: string) => number | undefined,
): Metric {
  return {
    ...facts,
    statistics: (prediction, references, kind) => {
      const value = score(prediction, references, kind)
      return value === undefined ? undefined : [value]
    },
    // Scaled before the division, as SQuAD's script does it: `100.0 * sum / total`.
    value: ([sum = 0], count) => (facts.scale * sum) / count,
  }
}
