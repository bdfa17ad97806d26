import {squadReferences, squadTokens} from './squad-answer.ts'

/** SQuAD's exact match of evaluate-v2.0.py: 1 if the normalised answer equals any reference, else 0. */
export function squadExact(prediction: string, references: readonly string[]): number {
  const answer = squadTokens(prediction).join(' ')
  return squadReferences(references).some((tokens) => tokens.join(' ') === answer) ? 1 : 0
}
