import {decodeAll} from '../../decode/decode-all.ts'
import {DEFAULT_SETTINGS} from '../../decode/generation-settings.ts'
import {PREFIX_NOTE} from '../../engine/delta-proof.ts'
import type {LanguageModel} from '../../engine/language-model.ts'
import type {OpenModelOptions} from '../../engine/open-options.ts'
import {SlmError} from '../../errors.ts'
import {benchPrompts} from '../prompts.ts'
import type {GenerationRequest, GenerationTiming, OpenedFacts, OpenRequest} from './messages.ts'
import type {Program} from './program.ts'
import {prefillWithoutCache} from './recomputed-state.ts'
import {type Trace, timedModel} from './timed-model.ts'
import {timingOf} from './token-marks.ts'

/** No repeat of a run: what ran before the first of them. */
const EARLIER = 1 << 20

/** What the program is made of; tests put a model of known speed and a clock of their own in. */
export interface SlmParts {
  openModel(options: OpenModelOptions): Promise<LanguageModel>
  nowMs(): number
}

/** Our own program: the model and the decoding of `slm eval`, in this process instead of a thread of it. */
export function slmProgram({openModel, nowMs}: SlmParts): Program {
  return {
    nowMs,
    open: async (request) => {
      const model = await openModel(openOptions(request))
      return {
        facts: factsOf(model),
        generate: (generation) => generate(model, generation, nowMs),
        close: () => model.close(),
      }
    },
  }
}

export function openOptions({
  folder,
  name,
  dtype,
  threads,
  digest,
  prefixCache,
}: OpenRequest): OpenModelOptions {
  return {folder, name, dtype, threads, digest, prefixCache}
}

export function factsOf({facts}: LanguageModel): OpenedFacts {
  const {architecture, dtype, vocabulary, contextLength, digest, threads, notes} = facts
  const why = whyNoPrefix(architecture, notes)
  const cannot: OpenedFacts['cannot'] = why === undefined ? {} : {'prefix-cache': why}
  return {
    architecture,
    dtype,
    vocabulary,
    contextLength,
    digest,
    threads,
    notes: notes.filter((note) => note !== PREFIX_NOTE),
    cannot,
  }
}

/** Undefined for a model that was opened with a prefix cache and has one. */
function whyNoPrefix(
  architecture: OpenedFacts['architecture'],
  notes: readonly string[],
): string | undefined {
  if (architecture === 'enc-dec')
    return 'every state of a bidirectional encoder depends on the whole input, so no part of it can be kept for another input'
  if (notes.includes(PREFIX_NOTE)) return undefined
  return (
    notes.find((note) => /prefix/.test(note)) ??
    'this graph’s cache is copied at each step, and prompts cannot start after a stored one'
  )
}

/** Rows of exactly the wanted length: with no end token nothing ends them early, and no processor slows the choice. */
async function generate(
  model: LanguageModel,
  request: GenerationRequest,
  nowMs: () => number,
): Promise<Omit<GenerationTiming, 'processorMs'>> {
  const {batch, outputTokens} = request
  const prompts = benchPrompts(request, model.facts.vocabulary)
  const trace: Trace = {prefilledRows: 0, stepStarts: [], stepRows: []}
  const timed = timedModel(model, trace, nowMs, prefillOf(model, request))
  const requests = prompts.map((promptIds, key) => ({key, promptIds, seed: key}))
  const options = {
    generation: {...DEFAULT_SETTINGS, eos_token_id: [], max_new_tokens: outputTokens},
    batchSize: batch,
    topLogits: 0,
    stopStrings: [],
    seed: request.seed,
  }
  await fillPrefixCache(model, request)
  await openUncached(model, request)
  const computed = model.computeMs()
  const start = nowMs()
  const lengths: number[] = []
  for await (const event of decodeAll(timed, requests, options, {nowMs}, limitsOf(request))) {
    if (event.kind === 'batch-size') throw memoryShort(`batch ${event.from} does not fit: ${event.why}`)
    if (event.kind !== 'row') continue
    if (event.row.kind === 'failed') throw memoryShort(event.row.error)
    lengths.push(event.row.newIds.length)
  }
  const end = nowMs()
  checkWhole(trace, request, lengths)
  const marks = [...trace.stepStarts, end]
  return {...timingOf(start, marks), computeMs: model.computeMs() - computed}
}

/** States without a cache cannot be joined: all rows go through in one call. */
function limitsOf({setting, batch, inputTokens}: GenerationRequest): {readonly prefillTokens?: number} {
  return setting === 'no-cache' ? {prefillTokens: batch * inputTokens} : {}
}

/** With a cache, or as the figure of the paper says: everything before a token is computed again for it. */
function prefillOf(model: LanguageModel, {setting}: GenerationRequest): LanguageModel['prefill'] {
  if (setting !== 'no-cache') return (prompts) => model.prefill(prompts)
  return (prompts) => model.prefillWithoutCache?.(prompts) ?? prefillWithoutCache(model, prompts)
}

/** Runs a prompt with the shared prefix and an end of its own, as an earlier request would have. */
async function fillPrefixCache(model: LanguageModel, request: GenerationRequest): Promise<void> {
  if (request.prefixTokens === 0) return
  const earlier = {...request, batch: 1, repeat: EARLIER, inputTokens: request.prefixTokens + 1}
  const state = await model.prefill(benchPrompts(earlier, model.facts.vocabulary))
  state.close()
}

/** A decoder without a past may be opened when it is first asked for, which is no part of a request. */
async function openUncached(model: LanguageModel, request: GenerationRequest): Promise<void> {
  if (request.setting !== 'no-cache' || model.prefillWithoutCache === undefined) return
  const short = {...request, batch: 1, repeat: EARLIER, inputTokens: 1}
  const state = await model.prefillWithoutCache(benchPrompts(short, model.facts.vocabulary))
  state.close()
}

function memoryShort(why: string): SlmError {
  return new SlmError('generation-failed', why)
}

/** Times mean something only where all rows went through the model together. */
function checkWhole(
  {prefilledRows, stepRows, stepStarts}: Trace,
  {batch, outputTokens}: GenerationRequest,
  lengths: readonly number[],
): void {
  const isWhole =
    prefilledRows === batch &&
    stepStarts.length === outputTokens - 1 &&
    stepRows.every((rows) => rows === batch) &&
    lengths.length === batch &&
    lengths.every((length) => length === outputTokens)
  if (!isWhole)
    throw new SlmError(
      'batch-split',
      `the ${batch} rows were not decoded together for ${outputTokens} tokens, so their times cannot be told apart`,
    )
}
