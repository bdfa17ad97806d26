import {squadReferences, squadTokens} from './squad-answer.ts'
import {sharedTokens, tokenCounts} from './token-counts.ts'

/**
 * SQuAD's F1 of evaluate-v2.0.py, 0..1: overlap of words as bags, the best over the references. If either side has no
 * words it is 1 when both have none, else 0.
 */
export function squadF1(prediction: string, references: readonly string[]): number {
  const answer = squadTokens(prediction)
  return Math.max(...squadReferences(references).map((reference) => overlap(answer, reference)))
}

function overlap(answer: readonly string[], reference: readonly string[]): number {
  if (answer.length === 0 || reference.length === 0) return answer.length === reference.length ? 1 : 0
  const shared = sharedTokens(tokenCounts(reference), tokenCounts(answer))
  if (shared === 0) return 0
  const precision = shared / answer.length
  const recall = shared / reference.length
  return (2 * precision * recall) / (precision + recall)
}
