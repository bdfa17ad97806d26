import {meanMetric} from './mean-metric.ts'
import type {Metric} from './metric.ts'

/**
 * Which questions count: all, those with an answer, those without; `shared`: those whose row is of that kind, i.e. whose
 * relation the passage says of several subjects, so that only the right subject has the right answer.
 */
export type SquadSubset = 'all' | 'hasAns' | 'noAns' | 'shared'

/** One of evaluate-v2.0.py's percentages. A question has an answer when its list of references, as given, is not empty. */
export function squadMetric(
  name: 'exact' | 'f1',
  subset: SquadSubset,
  score: (prediction: string, references: readonly string[]) => number,
): Metric {
  const id = subset === 'all' ? name : `${subset}-${name}`
  const questions = {
    all: '',
    hasAns: ', questions with an answer',
    noAns: ', questions without an answer',
    shared: ', questions of kind "shared": only the right subject has the right answer',
  }
  const source = `SQuAD evaluate-v2.0.py ${name}${questions[subset]}`
  return meanMetric({id, version: 1, scale: 100, source}, (prediction, references, kind) =>
    doesCount(subset, references, kind) ? score(prediction, references) : undefined,
  )
}

function doesCount(subset: SquadSubset, references: readonly string[], kind: string | undefined): boolean {
  switch (subset) {
    case 'all':
      return true
    case 'hasAns':
      return references.length > 0
    case 'noAns':
      return references.length === 0
    case 'shared':
      return kind === 'shared'
  }
}
