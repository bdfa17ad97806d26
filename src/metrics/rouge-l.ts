import {lcsLength} from './lcs-length.ts'
import {type PrecisionRecall, precisionRecallOf} from './precision-recall.ts'
import {rougeTokens} from './rouge-tokens.ts'

/**
 * ROUGE-L of rouge_score 0.1.2: the longest common subsequence of words over the whole texts, line breaks ignored.
 * A text without words scores 0, also against itself.
 */
export function rougeL(prediction: string, reference: string, stem: boolean): PrecisionRecall {
  const predicted = rougeTokens(prediction, stem)
  const expected = rougeTokens(reference, stem)
  return precisionRecallOf(lcsLength(predicted, expected), predicted.length, expected.length)
}
