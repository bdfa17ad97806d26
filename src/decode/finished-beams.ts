import type {Hypothesis} from './beam-search.ts'
import type {RowPlan} from './search.ts'

/**
 * Added to the score of what may not be chosen. It is transformers' own number, and small on purpose: differences of
 * scores drown in float32 beside it, and a ruled-out beam can still be taken where nothing else is left.
 */
export const RULED_OUT = -1e9

interface Place {
  readonly hypothesis: Hypothesis
  /** Divided by the length penalty. */
  readonly score: number
  readonly isFinished: boolean
}

/** The best finished sequences so far. */
export interface FinishedBeams {
  /** `num_beams` of them, best first. */
  readonly places: readonly Place[]
  /** Whether a running beam may still win a place. Once false it stays false. */
  readonly canImprove: boolean
  readonly isOver: boolean
}

export function noneFinished(root: Hypothesis, beams: number): FinishedBeams {
  const place: Place = {hypothesis: root, score: RULED_OUT, isFinished: false}
  return {places: Array.from({length: beams}, () => place), canImprove: true, isOver: false}
}

/**
 * The places after one more step (`_update_finished_beams`, `_check_early_stop_heuristic` and
 * `_beam_search_has_unfinished_sequences` of transformers 4.57.6).
 * `candidates`: best first; only the first `num_beams` may finish. `bestRunning`: score of the best beam that goes on.
 */
export function withCandidates(
  before: FinishedBeams,
  candidates: readonly Hypothesis[],
  bestRunning: number,
  plan: RowPlan,
): FinishedBeams {
  const {num_beams, early_stopping, length_penalty} = plan.settings
  const newTokens = candidates[0]!.newIds.length
  const isFull = before.places.every((place) => place.isFinished) && early_stopping === true
  const closed = (isFull ? 1 : 0) + (before.canImprove ? 0 : 1)
  const added = candidates.map((hypothesis, rank): Place => {
    const isFinished = hypothesis.finish !== undefined && rank < num_beams
    let score = penalised(hypothesis.score, newTokens, length_penalty)
    for (let times = closed + (isFinished ? 0 : 1); times > 0; times -= 1)
      score = Math.fround(score + RULED_OUT)
    return {hypothesis, score, isFinished}
  })
  // Equal scores, which torch orders as it likes: finished before unfinished, and of the unfinished the longer.
  const kept = before.places.filter((place) => place.isFinished)
  const open = before.places.filter((place) => !place.isFinished)
  const places = [...kept, ...added, ...open]
    .sort((a, b) => b.score - a.score || Number(b.isFinished) - Number(a.isFinished))
    .slice(0, num_beams)

  // "never" with a positive penalty looks ahead to the longest answer, everything else at the present length.
  const hopedLength = early_stopping === 'never' && length_penalty > 0 ? plan.limit : newTokens
  const hope = penalised(bestRunning, hopedLength, length_penalty)
  const worst = Math.min(...places.map((place) => place.score))
  const canImprove =
    before.canImprove && places.some((place) => hope > (place.isFinished ? worst : RULED_OUT))
  const isSettled = early_stopping === true && places.every((place) => place.isFinished)
  const nothingGoesOn = candidates.every((hypothesis) => hypothesis.finish !== undefined)
  return {places, canImprove, isOver: !canImprove || isSettled || nothingGoesOn}
}

/** score / length^penalty, in float32. */
function penalised(score: number, length: number, penalty: number): number {
  return Math.fround(score / Math.fround(length ** penalty))
}
