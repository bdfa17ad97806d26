import type {LanguageModel} from '../engine/language-model.ts'
import type {DecodeEvent, DecodeOptions, DecodeRequest} from '../inference/protocol.ts'
import {type Batch, type Choice, chooseTokens, type EndedRow, type PlannedRow, takeStep} from './batch.ts'
import {type DecodeLimits, type DecodeRun, newRun} from './decode-run.ts'
import {afterActiveFailure, failRow} from './model-failure.ts'
import {refill} from './refill.ts'
import {checkVocabulary, planRow} from './row-plan.ts'

export interface DecodeHooks {
  /** Whether the text of these new ids ends the row; asked at each new token that is no end token. */
  readonly stopText?: (newIds: readonly number[]) => boolean
  /** Once aborted, the generator throws the signal's reason before its next step. */
  readonly signal?: AbortSignal
  /** Clock in ms; `performance.now` by default. */
  readonly nowMs?: () => number
}

const PROGRESS_INTERVAL_MS = 250

/**
 * Decodes any number of prompts, longest first. Rows come as they finish; a row that ends leaves its batch at once, and
 * waiting prompts take the free places. With a model whose rows do not depend on each other no batch size, order or
 * join changes an answer. Knows token ids, not text. The model stays open.
 */
export async function* decodeAll(
  model: LanguageModel,
  requests: readonly DecodeRequest[],
  options: DecodeOptions,
  hooks: DecodeHooks = {},
  limits: DecodeLimits = {},
): AsyncGenerator<DecodeEvent, void, void> {
  checkVocabulary(options.generation, model.facts.vocabulary)
  const nowMs = hooks.nowMs ?? (() => performance.now())
  const run = planned(model, requests, options, hooks, nowMs, limits)
  let reportedMs = nowMs()
  try {
    yield* run.events.splice(0)
    while (run.active || run.waiting.length > 0 || run.suspects.length > 0 || run.parked.length > 0) {
      hooks.signal?.throwIfAborted()
      await refill(run)
      if (run.active !== undefined) await stepOnce(run, run.active)
      yield* run.events.splice(0)
      if (nowMs() - reportedMs >= PROGRESS_INTERVAL_MS) {
        reportedMs = nowMs()
        yield {kind: 'progress', newTokens: run.newTokens, activeRows: run.active?.rows.length ?? 0}
      }
    }
  } finally {
    run.active?.state.close()
    for (const batch of run.parked) batch.state.close()
  }
}

function planned(
  model: LanguageModel,
  requests: readonly DecodeRequest[],
  options: DecodeOptions,
  hooks: DecodeHooks,
  nowMs: () => number,
  limits: DecodeLimits,
): DecodeRun {
  let scratch = new Float32Array(0)
  const shared = {
    stopText: hooks.stopText,
    scratch: (length: number) => {
      if (scratch.length < length) scratch = new Float32Array(length)
      return scratch
    },
  }
  const rows: PlannedRow[] = []
  const refused: {readonly request: DecodeRequest; readonly why: string}[] = []
  for (const request of requests) {
    const plan = planRow(model.facts, request, options, shared)
    if (typeof plan === 'string') refused.push({request, why: plan})
    else rows.push({request, plan})
  }
  const run = newRun(model, options, rows, nowMs, limits)
  for (const {request, why} of refused) failRow(run, {request}, why)
  return run
}

/** Chooses a token for each row of the active batch, and takes the step for those that go on. */
async function stepOnce(run: DecodeRun, batch: Batch): Promise<void> {
  const choice: Choice = chooseTokens(batch, run.nowMs)
  run.newTokens += batch.rows.length + choice.ended.length
  for (const ended of choice.ended) reportEnded(run, ended)
  if (batch.rows.length === 0) {
    run.active = undefined
    batch.state.close()
    return
  }
  try {
    await takeStep(batch, choice)
  } catch (error) {
    afterActiveFailure(run, batch, error)
  }
}

function reportEnded(run: DecodeRun, {row, result}: EndedRow): void {
  if (result.kind === 'failed') {
    failRow(run, row, result.error)
    return
  }
  const timing = {firstTokenMs: row.firstTokenMs ?? 0, totalMs: run.nowMs() - row.startMs}
  run.events.push({
    kind: 'row',
    row: {kind: 'decoded', key: row.request.key, ...result.outcome, timing},
  })
}
