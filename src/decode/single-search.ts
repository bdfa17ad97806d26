import type {Finish, StepTop} from '../inference/protocol.ts'
import type {Random} from '../stats/random.ts'
import {argmax} from './best-indices.ts'
import {logSumExpBelow} from './log-sum-exp.ts'
import {removeInvalidValues} from './processors/invalid-values.ts'
import type {LogitsProcessor} from './processors/logits-processor.ts'
import {processorChain} from './processors/processor-chain.ts'
import {rowRandom, sampleIndex} from './sample-token.ts'
import {type Advance, finishOf, NOT_A_NUMBER, type Outcome, type RowPlan, type Search} from './search.ts'
import {topLogits} from './top-logits.ts'

/** One sequence in the making. */
interface Track {
  readonly sequence: number
  readonly newIds: number[]
  readonly ids: number[]
  readonly steps: StepTop[]
  readonly random: Random
  logprob: number
  finish: Finish | undefined
}

/** Greedy or sampled sequences without beams: one, or with sampling `num_return_sequences` that know nothing of each other. */
export function singleSearch(plan: RowPlan): Search {
  const chain = processorChain(plan.settings, plan)
  const tracks = Array.from(
    {length: plan.settings.num_return_sequences},
    (_, sequence): Track => ({
      sequence,
      newIds: [],
      ids: [...plan.inputIds],
      steps: [],
      random: rowRandom(plan.runSeed, plan.rowSeed, sequence),
      logprob: 0,
      finish: undefined,
    }),
  )
  let going: readonly Track[] = tracks
  let width = 1
  return {
    width: () => width,
    advance: (logits, firstRow): Advance => {
      const places = new Map<Track, number>()
      for (const [index, track] of going.entries()) {
        const place = width === 1 ? 0 : index
        places.set(track, place)
        if (!extend(track, plan, chain, logits, firstRow + place))
          return {kind: 'failed', error: NOT_A_NUMBER}
      }
      going = going.filter((track) => track.finish === undefined)
      if (going.length === 0) return {kind: 'done', outcome: outcomeOf(tracks, plan)}
      width = going.length
      return {
        kind: 'continue',
        parents: going.map((track) => places.get(track)!),
        tokens: going.map((track) => track.newIds.at(-1)!),
      }
    },
  }
}

/** Chooses and appends one token. False where the logits are not numbers. */
function extend(
  track: Track,
  plan: RowPlan,
  chain: readonly LogitsProcessor[],
  logits: Float32Array,
  row: number,
): boolean {
  const from = row * plan.vocabulary
  const to = from + plan.vocabulary
  if (plan.settings.remove_invalid_values) removeInvalidValues(logits.subarray(from, to))
  const best = argmax(logits, from, to)
  if (best < 0 || logits[best] === Number.POSITIVE_INFINITY) return false
  if (plan.topLogits > 0) track.steps.push(topLogits(logits, from, plan.vocabulary, plan.topLogits))
  const token =
    chain.length === 0 && !plan.settings.do_sample ? best - from : choose(track, plan, chain, logits, from)
  if (token < 0) return false
  track.newIds.push(token)
  track.ids.push(token)
  if (isRanked(plan) || plan.logprobs) {
    const largest = logits[best]!
    const logSum = logSumExpBelow(logits, from, to, largest)
    if (Number.isNaN(logSum)) return false
    track.logprob += logits[from + token]! - largest - logSum
  }
  track.finish = finishOf(track.newIds, plan)
  return true
}

/** Several sequences come in the order of their log-probability. */
function isRanked(plan: RowPlan): boolean {
  return plan.settings.num_return_sequences > 1
}

function choose(
  track: Track,
  plan: RowPlan,
  chain: readonly LogitsProcessor[],
  logits: Float32Array,
  from: number,
): number {
  const {vocabulary} = plan
  const scores = plan.scratch(vocabulary).subarray(0, vocabulary)
  scores.set(logits.subarray(from, from + vocabulary))
  for (const processor of chain) processor(scores, track.ids, track.sequence)
  return plan.settings.do_sample
    ? sampleIndex(scores, 0, vocabulary, track.random.float())
    : argmax(scores, 0, vocabulary)
}

/** Several sequences come most probable first, scored by their log-probability (transformers gives samples no score). */
function outcomeOf(tracks: readonly Track[], plan: RowPlan): Outcome {
  const ranked = tracks.toSorted((a, b) => b.logprob - a.logprob)
  const best = ranked[0]!
  return {
    newIds: best.newIds,
    finish: best.finish!,
    ...(plan.logprobs ? {logprob: best.logprob} : {}),
    ...(plan.topLogits > 0 ? {steps: best.steps} : {}),
    ...(tracks.length > 1
      ? {
          sequences: ranked.map(({newIds, finish, logprob}) => ({newIds, finish: finish!, score: logprob})),
        }
      : {}),
  }
}
