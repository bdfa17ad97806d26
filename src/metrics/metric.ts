/**
 * A metric is a pure function of texts. It keeps per-sample statistics that add up, so that means, corpus metrics,
 * subsets and bootstrap resamples are all computed from samples and never from averages of averages.
 */
export interface Metric {
  /** As in interface.md: `rougeL`, `rougeL-stem`, `exact`, `hasAns-f1`, `bleu`, ... */
  readonly id: string
  /** Raised when a score can change. */
  readonly version: number
  /** 1: values lie in 0..1; 100: in 0..100, as the reference program prints them. */
  readonly scale: 1 | 100
  /** Where the definition comes from, in one line (paper or reference program and version). */
  readonly source: string
  /** Statistics of one sample, summed over samples before `value`; undefined when the sample does not count for this metric (e.g. `hasAns-f1` of an unanswerable question). */
  readonly statistics: (
    prediction: string,
    references: readonly string[],
    /** What kind of row the sample is, where the task's data say so; only metrics over one kind look at it. */
    kind?: string,
  ) => readonly number[] | undefined
  /** The metric from summed statistics over `count` samples. */
  readonly value: (sums: readonly number[], count: number) => number
}
