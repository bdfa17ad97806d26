/** Shares of matched units, each in 0..1. */
export interface PrecisionRecall {
  readonly precision: number
  readonly recall: number
  /** Harmonic mean of both; 0 when both are 0. */
  readonly f: number
}

/** From shares, in the order of operations of rouge_score, which fixes the last bit. */
export function precisionRecall(precision: number, recall: number): PrecisionRecall {
  const sum = precision + recall
  return {precision, recall, f: sum > 0 ? (2 * precision * recall) / sum : 0}
}

/** From counts; a side without units gives 0. */
export function precisionRecallOf(hits: number, predicted: number, expected: number): PrecisionRecall {
  return precisionRecall(hits / Math.max(predicted, 1), hits / Math.max(expected, 1))
}
