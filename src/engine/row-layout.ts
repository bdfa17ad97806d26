import {SlmError} from '../errors.ts'
import type {RowLayout} from './decoder-only.ts'
import type {Side} from './feeds.ts'
import type {LanguageModel} from './language-model.ts'
import {runtimeMessage} from './runtime-message.ts'
import {type SelfTestCheck, selfTest, type WithoutCache} from './self-test.ts'

const BROKEN_EXPORT =
  'The graphs of this folder do not belong together, or the export is broken. Export the model again.'

/**
 * Finds out on a short prompt how a decoder-only graph takes rows of unequal length. Names cannot tell: graphs with
 * GroupQueryAttention want padding on the right, others on the left; graphs that count positions themselves keep
 * the padding that they were begun with.
 */
export async function chooseLayout(
  model: (layout: RowLayout) => LanguageModel,
  hints: {readonly preferred: Side; readonly hasPositions: boolean},
): Promise<LanguageModel> {
  const other: Side = hints.preferred === 'left' ? 'right' : 'left'
  const candidates: RowLayout[] = [hints.preferred, other].flatMap((side) => [
    {side, shifts: true},
    {side, shifts: false},
  ])
  let best: {readonly model: LanguageModel; readonly checks: readonly SelfTestCheck[]} | undefined
  let refusal: SlmError | undefined
  for (const layout of candidates) {
    const tried = model(layout)
    const checks = await testOrRefusal(tried)
    if (checks instanceof SlmError) {
      refusal ??= checks
      continue
    }
    if (checks.every((check) => check.passed)) return withNote(tried, layoutNote(layout, checks))
    if (best === undefined || worst(checks) < worst(best.checks)) best = {model: tried, checks}
  }
  if (best === undefined) throw refusal
  return fallBack(best.model, best.checks)
}

/**
 * The same proof where only one layout exists. Graphs that this program wrote anew (`rewrite`) must pass what concerns a row alone,
 * also where a file's own numbers may miss a check by chance.
 */
export async function proveBatch(
  model: LanguageModel,
  withoutCache: WithoutCache,
  trust: 'file' | 'rewrite',
): Promise<LanguageModel> {
  const checks = await testOrRefusal(model, withoutCache)
  if (checks instanceof SlmError) throw checks
  const failed = checks.find(({scope, passed}) => scope === 'alone' && !passed)
  if (trust === 'rewrite' && failed !== undefined) throw selfTestFailed(model, failed)
  return checks.every((check) => check.passed)
    ? withNote(model, `self-test passed: ${checks.length} checks`)
    : fallBack(model, checks)
}

/** The checks, or why the graphs do not even run: ONNX Runtime's own words. */
async function testOrRefusal(
  model: LanguageModel,
  withoutCache?: WithoutCache,
): Promise<SelfTestCheck[] | SlmError> {
  try {
    return await selfTest(model, withoutCache)
  } catch (cause) {
    if (cause instanceof SlmError) return cause
    return new SlmError(
      'self-test-failed',
      `${model.facts.name}: the graphs do not run on a short prompt: ${runtimeMessage(cause)}`,
      {hint: BROKEN_EXPORT, cause},
    )
  }
}

/** A file whose numbers depend on the batch anyway may miss a check by chance; any other then runs one row at a time, or not at all. */
function fallBack(model: LanguageModel, checks: readonly SelfTestCheck[]): LanguageModel {
  const failed = checks.filter((check) => !check.passed)
  const text = failed.map(({name, detail}) => `${name}: no (${detail})`).join('; ')
  if (model.facts.batching.kind === 'inexact') return withNote(model, `self-test: ${text}`)
  const alone = failed.find((check) => check.scope === 'alone')
  if (alone) throw selfTestFailed(model, alone)
  return withNote(
    {...model, facts: {...model.facts, maxRows: 1}},
    `rows run one at a time, since the graph does not survive padding: ${text}`,
  )
}

function selfTestFailed({facts}: LanguageModel, {name, detail}: SelfTestCheck): SlmError {
  return new SlmError('self-test-failed', `${facts.name}: ${name}: no (${detail})`, {hint: BROKEN_EXPORT})
}

function layoutNote(layout: RowLayout, checks: readonly SelfTestCheck[]): string {
  return `self-test passed: ${checks.length} checks; padding on the ${layout.side}${layout.shifts ? '' : ', positions counted by the graph'}`
}

export function withNote(model: LanguageModel, note: string): LanguageModel {
  return {...model, facts: {...model.facts, notes: [...model.facts.notes, note]}}
}

function worst(checks: readonly SelfTestCheck[]): number {
  return Math.max(...checks.map((check) => check.spread))
}
