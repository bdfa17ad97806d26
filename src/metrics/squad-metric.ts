import {meanMetric} from './mean-metric.ts'
import type {Metric} from './metric.ts'

/** Which questions count: all, those with an answer, those without. */
export type SquadSubset = 'all' | 'hasAns' | 'noAns'

/** One of evaluate-v2.0.py's percentages. A question has an answer when its list of references, as given, is not empty. */
export function squadMetric(
  name: 'exact' | 'f1',
  subset: SquadSubset,
  score: (prediction: string, references: readonly string[]) => number,
): Metric {
  const id = subset === 'all' ? name : `${subset}-${name}`
  const questions = {all: '', hasAns: ', questions with an answer', noAns: ', questions without an answer'}
  const source = `SQuAD evaluate-v2.0.py ${name}${questions[subset]}`
  return meanMetric({id, version: 1, scale: 100, source}, (prediction, references) => {
    const counts = subset === 'all' || (subset === 'hasAns') === references.length > 0
    return counts ? score(prediction, references) : undefined
  })
}
