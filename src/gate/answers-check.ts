import {type GatePolicy, taskLimitOf} from '../config/gate-policy.ts'
import type {AnswersCheck} from './checks.ts'
import type {SamplePair} from './pair-samples.ts'

/** Counts answers that are not the same text as before, whatever their scores. */
export function answersCheck(task: string, pairs: readonly SamplePair[], policy: GatePolicy): AnswersCheck {
  const changed = pairs.filter(({baseline, run}) => baseline.answerDigest !== run.answerDigest).length
  const maxChanged = taskLimitOf(policy, task, 'maxChanged')
  const counts = {kind: 'answers', task, changed, paired: pairs.length} as const
  const why = `${changed} of ${pairs.length} answers changed`
  if (maxChanged === undefined)
    return {...counts, maxChanged: {missing: 'no such limit was given'}, verdict: 'not gated', why}
  const limit = `a share of ${maxChanged} may`
  if (pairs.length === 0) return {...counts, maxChanged, verdict: 'inconclusive', why: 'no sample pairs'}
  return {
    ...counts,
    maxChanged,
    verdict: changed <= maxChanged * pairs.length ? 'passed' : 'regression',
    why: `${why}; ${limit}`,
  }
}
