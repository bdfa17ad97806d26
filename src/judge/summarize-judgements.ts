import type {Estimate} from '../stats/estimate.ts'
import {repeatedEstimate} from '../stats/repeated-estimate.ts'
import {type Judgement, NOT_JUDGED_STATES, type NotJudgedState} from '../store/judgement.ts'

/** What a judge said of one task of a run, with all that it could not say. */
export interface JudgedTask {
  readonly task: string
  /** Samples with an answer, whether or not they were asked about. */
  readonly samples: number
  readonly judged: number
  /** Of the judged: scored by a rule, without a judge. */
  readonly byRule: number
  readonly notJudged: Readonly<Record<NotJudgedState, number>>
  /** Samples that nobody asked about: a limit, a budget, an interruption. */
  readonly notAsked: number
  /** Mean over the judged samples, or why there is none. */
  readonly score: Estimate | {readonly missing: string}
  /** The mean over all samples with what was not judged as 0: the least that the score can be. */
  readonly failuresAsZero: number | {readonly missing: string}
  /** Mean over samples of the standard deviation between their votes (n - 1); with two votes or more. */
  readonly voteSpread?: number
}

/** Computed from the judgements alone, in their order. */
export function summarizeJudgements(
  task: string,
  samples: number,
  judgements: readonly Judgement[],
  seed: number,
): JudgedTask {
  const judged = judgements.filter(isJudged)
  const scores = judged.map(({score, votes}) => {
    const repeats = votes.flatMap((vote) => (vote.status === 'judged' ? [vote.score] : []))
    return repeats.length === 0 ? [score] : repeats
  })
  const states = NOT_JUDGED_STATES.map((state) => [
    state,
    judgements.filter(({status}) => status === state).length,
  ])
  const spreads = scores.filter((repeats) => repeats.length > 1).map(standardDeviation)
  const sum = judged.reduce((total, {score}) => total + score, 0)
  return {
    task,
    samples,
    judged: judged.length,
    byRule: judged.filter(({rule}) => rule !== undefined).length,
    notJudged: Object.fromEntries(states) as Record<NotJudgedState, number>, // one entry for each state
    notAsked: samples - judgements.length,
    score: judged.length === 0 ? {missing: 'no sample was judged'} : repeatedEstimate(scores, {seed}),
    failuresAsZero: samples === 0 ? {missing: 'the task has no answers'} : sum / samples,
    ...(spreads.length === 0 ? {} : {voteSpread: meanOf(spreads)}),
  }
}

function isJudged(judgement: Judgement): judgement is Extract<Judgement, {status: 'judged'}> {
  return judgement.status === 'judged'
}

function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}

function standardDeviation(values: readonly number[]): number {
  const mean = meanOf(values)
  return Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1))
}
