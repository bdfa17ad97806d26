import {type SampleText, TextReader} from './answer-text.ts'
import type {Missing} from './checks.ts'
import type {SamplePair} from './pair-samples.ts'
import type {ScoredSample, Side} from './side.ts'

/** Samples of a task whose answer or score is not what it was. */
export interface Flips {
  /** Whose scores decide what is worse: the first gated metric that both sides have. */
  readonly metric: string
  readonly worse: number
  readonly better: number
  /** Another answer of the same score. */
  readonly same: number
  /** The worst first, then answers of the same score, then better ones; cut to as many as were asked for. */
  readonly listed: readonly Flip[]
}

export interface Flip {
  readonly id: string
  readonly baseline: FlipSide
  readonly run: FlipSide
  readonly references: readonly string[] | Missing
}

export interface FlipSide {
  readonly score: number | Missing
  readonly answer: string | Missing
}

/** A metric's value on one sample alone; undefined where the sample does not count. */
export type ScoreOf = (sample: ScoredSample, side: 'baseline' | 'run') => number | undefined

/** Finds what flipped and reads the texts of the first `most`. */
export async function flipsOf(
  pairs: readonly SamplePair[],
  sides: {readonly baseline: Side; readonly run: Side},
  {metric, scoreOf, most}: {readonly metric: string; readonly scoreOf: ScoreOf; readonly most: number},
): Promise<Flips> {
  const changed = pairs.flatMap((pair) => {
    const gain = (scoreOf(pair.run, 'run') ?? 0) - (scoreOf(pair.baseline, 'baseline') ?? 0)
    return gain !== 0 || pair.baseline.answerDigest !== pair.run.answerDigest ? [{pair, gain}] : []
  })
  // Stable: equals keep the order of the data.
  const sorted = [...changed].sort((a, b) => a.gain - b.gain)
  const listed = await withTexts(
    sorted.slice(0, most).map(({pair}) => pair),
    sides,
    scoreOf,
  )
  return {
    metric,
    worse: changed.filter(({gain}) => gain < 0).length,
    better: changed.filter(({gain}) => gain > 0).length,
    same: changed.filter(({gain}) => gain === 0).length,
    listed,
  }
}

async function withTexts(
  pairs: readonly SamplePair[],
  {baseline, run}: {readonly baseline: Side; readonly run: Side},
  scoreOf: ScoreOf,
): Promise<Flip[]> {
  const [oldTexts, newTexts] = [new TextReader(baseline), new TextReader(run)]
  const flips: Flip[] = []
  try {
    for (const pair of pairs) {
      const [old, now] = [await oldTexts.textOf(pair.baseline), await newTexts.textOf(pair.run)]
      flips.push({
        id: pair.id,
        baseline: flipSide(scoreOf(pair.baseline, 'baseline'), old),
        run: flipSide(scoreOf(pair.run, 'run'), now),
        references: now?.references ?? old?.references ?? {missing: 'a baseline file keeps no references'},
      })
    }
    return flips
  } finally {
    await Promise.all([oldTexts.close(), newTexts.close()])
  }
}

function flipSide(score: number | undefined, text: SampleText | undefined): FlipSide {
  return {
    score: score ?? {missing: 'the sample does not count'},
    answer: text?.answer ?? {
      missing: 'the baseline file keeps no answers (slm baseline save --answers does)',
    },
  }
}
