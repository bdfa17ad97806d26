/** A number with its 95% interval (percentile bootstrap over samples) and the count of samples behind it. */
export interface Estimate {
  readonly value: number
  readonly low: number
  readonly high: number
  readonly count: number
}
