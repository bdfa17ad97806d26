import type {Finish, StepTop} from '../inference/protocol.ts'
import {bestIndices} from './best-indices.ts'
import {noneFinished, RULED_OUT, withCandidates} from './finished-beams.ts'
import {logSoftmax} from './log-sum-exp.ts'
import {removeInvalidValues} from './processors/invalid-values.ts'
import type {LogitsProcessor} from './processors/logits-processor.ts'
import {processorChain} from './processors/processor-chain.ts'
import {rowRandom, sampleIndices} from './sample-token.ts'
import {
  type Advance,
  finishOf,
  NOT_A_NUMBER,
  NOTHING_ALLOWED,
  type Outcome,
  type RowPlan,
  type Search,
} from './search.ts'
import {topLogits} from './top-logits.ts'

/** A sequence that a beam holds, or may hold next. */
export interface Hypothesis {
  readonly newIds: readonly number[]
  /** Sum of its processed log-probabilities, float32, as transformers accumulates it. */
  readonly score: number
  /** Sum of its raw log-probabilities, float64. */
  readonly logprob: number
  readonly steps: readonly StepTop[]
  /** The beam that it extends. */
  readonly parent: number
  /** Why it ends here; undefined where it can go on. */
  readonly finish: Finish | undefined
}

const ROOT: Hypothesis = {newIds: [], score: 0, logprob: 0, steps: [], parent: 0, finish: undefined}

/**
 * Beam search as transformers 4.57.6 does it (`GenerationMixin._beam_search`), for one prompt: there, too, the prompts of
 * a batch do not influence each other. Equal scores: the lower beam, then the lower token.
 */
export function beamSearch(plan: RowPlan): Search {
  const {num_beams: beams, do_sample} = plan.settings
  const chain = processorChain(plan.settings, plan)
  const random = rowRandom(plan.runSeed, plan.rowSeed)
  // All beams start equal: all but the first are ruled out, or each would choose the same tokens.
  let running = Array.from({length: beams}, (_, beam) => (beam === 0 ? ROOT : {...ROOT, score: RULED_OUT}))
  let finished = noneFinished(ROOT, beams)
  let width = 1
  return {
    width: () => width,
    advance: (logits, firstRow): Advance => {
      const rows = running.map((_, beam) => firstRow + (width === 1 ? 0 : beam))
      const table = scoreTable(running, rows, plan, chain, logits)
      if (table === undefined) return {kind: 'failed', error: NOT_A_NUMBER}
      const chosen = do_sample
        ? sampleIndices(table.scores, candidateCount(plan), random.float)
        : bestIndices(table.scores, 0, table.scores.length, candidateCount(plan))
      if (chosen.length === 0) return {kind: 'failed', error: NOTHING_ALLOWED}
      const candidates = hypotheses(chosen, running, rows, plan, table, logits)
      running = stillRunning(candidates, beams)
      finished = withCandidates(finished, candidates, running[0]!.score, plan)
      if (finished.isOver) return {kind: 'done', outcome: outcomeOf(finished.places, plan)}
      const parents = running.map(({parent}) => (width === 1 ? 0 : parent))
      width = running.length
      return {kind: 'continue', parents, tokens: running.map(({newIds}) => newIds.at(-1)!)}
    },
  }
}

/** Enough that `num_beams` go on even when every end token is chosen for each beam. */
function candidateCount({settings}: RowPlan): number {
  return Math.max(2, 1 + settings.eos_token_id.length) * settings.num_beams
}

interface ScoreTable {
  /** (beams, vocabulary): the score that each beam would have with each token. */
  readonly scores: Float32Array
  /** For each beam, what turns its raw logits into log-probabilities when subtracted. */
  readonly logSums: readonly number[]
}

/** Undefined where the logits are not numbers. */
function scoreTable(
  running: readonly Hypothesis[],
  rows: readonly number[],
  plan: RowPlan,
  chain: readonly LogitsProcessor[],
  logits: Float32Array,
): ScoreTable | undefined {
  const {vocabulary, inputIds, settings} = plan
  const scores = plan.scratch(running.length * vocabulary).subarray(0, running.length * vocabulary)
  const logSums: number[] = []
  for (const [beam, hypothesis] of running.entries()) {
    const raw = logits.subarray(rows[beam]! * vocabulary, (rows[beam]! + 1) * vocabulary)
    if (settings.remove_invalid_values) removeInvalidValues(raw)
    const row = scores.subarray(beam * vocabulary, (beam + 1) * vocabulary)
    row.set(raw)
    const logSum = logSoftmax(row, 0, vocabulary)
    if (Number.isNaN(logSum)) return undefined
    logSums.push(logSum)
    if (chain.length > 0) {
      const ids = [...inputIds, ...hypothesis.newIds]
      for (const processor of chain) processor(row, ids, beam)
    }
    for (let token = 0; token < vocabulary; token += 1) row[token] = row[token]! + hypothesis.score
  }
  return {scores, logSums}
}

/** The running beams extended by the chosen places of the table. */
function hypotheses(
  chosen: Int32Array,
  running: readonly Hypothesis[],
  rows: readonly number[],
  plan: RowPlan,
  table: ScoreTable,
  logits: Float32Array,
): Hypothesis[] {
  const {vocabulary} = plan
  const tops = rows.map((row) =>
    plan.topLogits > 0 ? [topLogits(logits, row * vocabulary, vocabulary, plan.topLogits)] : [],
  )
  return Array.from(chosen, (index) => {
    const parent = Math.floor(index / vocabulary)
    const token = index % vocabulary
    const before = running[parent]!
    const newIds = [...before.newIds, token]
    return {
      newIds,
      score: table.scores[index]!,
      logprob: before.logprob + logits[rows[parent]! * vocabulary + token]! - table.logSums[parent]!,
      steps: [...before.steps, ...tops[parent]!],
      parent,
      finish: finishOf(newIds, plan),
    }
  })
}

/** The best that have not ended; one that has is taken only where there are too few, and then hopelessly far behind. */
function stillRunning(candidates: readonly Hypothesis[], beams: number): Hypothesis[] {
  return candidates
    .map((hypothesis) =>
      hypothesis.finish === undefined
        ? hypothesis
        : {...hypothesis, score: Math.fround(hypothesis.score + RULED_OUT)},
    )
    .sort((a, b) => b.score - a.score)
    .slice(0, beams)
}

function outcomeOf(
  places: readonly {readonly hypothesis: Hypothesis; readonly score: number}[],
  plan: RowPlan,
): Outcome {
  const {num_return_sequences} = plan.settings
  const sequences = places.slice(0, num_return_sequences).map(({hypothesis, score}) => ({
    newIds: hypothesis.newIds,
    finish: hypothesis.finish ?? 'length',
    score,
  }))
  const best = sequences[0]!
  const {logprob, steps} = places[0]!.hypothesis
  return {
    ...best,
    logprob,
    ...(plan.topLogits > 0 ? {steps} : {}),
    ...(num_return_sequences > 1 ? {sequences} : {}),
  }
}
