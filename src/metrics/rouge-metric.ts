import {meanMetric} from './mean-metric.ts'
import type {Metric} from './metric.ts'
import type {PrecisionRecall} from './precision-recall.ts'

/** One variant of ROUGE between two texts. */
export type RougeScorer = (prediction: string, reference: string, stem: boolean) => PrecisionRecall

/** The reference with the highest F, the first of equals: `score_multi` of rouge_score. */
export function bestOfReferences(
  prediction: string,
  references: readonly [string, ...string[]],
  score: (prediction: string, reference: string) => PrecisionRecall,
): PrecisionRecall {
  const [first, ...others] = references
  let best = score(prediction, first)
  for (const reference of others) {
    const candidate = score(prediction, reference)
    if (candidate.f > best.f) best = candidate
  }
  return best
}

/**
 * The plain mean of F over samples that have a reference; rouge_score's own aggregate is the median of unseeded
 * resamples and does not repeat. A question without an answer does not count: ROUGE of two empty texts is 0, which
 * would punish the right abstention.
 */
export function rougeMetric(name: string, scorer: RougeScorer, stem: boolean): Metric {
  const id = stem ? `${name}-stem` : name
  const source = `rouge_score 0.1.2 ${name}, ${stem ? 'Porter stemmer' : 'no stemmer'}, F, mean over samples with a reference`
  return meanMetric({id, version: 1, scale: 1, source}, (prediction, references) => {
    const [first, ...others] = references
    if (first === undefined) return undefined
    return bestOfReferences(prediction, [first, ...others], (answer, reference) =>
      scorer(answer, reference, stem),
    ).f
  })
}
