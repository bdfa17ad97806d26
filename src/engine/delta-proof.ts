import type {CheckpointConfig} from './checkpoint-config.ts'
import type {DecoderState, LanguageModel} from './language-model.ts'
import {runtimeMessage} from './runtime-message.ts'
import {agreement, limitOf, selfTest, testPrompt} from './self-test.ts'

export type DeltaProof =
  | {readonly kind: 'proven'; readonly note: string}
  | {readonly kind: 'refused'; readonly why: string}

/** Why a rewritten graph is not used. */
export type Refused = Extract<DeltaProof, {kind: 'refused'}>

/** Unused slots of the proof: more than a window that no configuration names is likely to be long. */
export const PROOF_SLOTS = 512

/** Tokens of the proof's prompt that another prompt shares. */
export const PROOF_PREFIX = 4

/** Among the notes of a model that starts prompts after a prefix which ran before. */
export const PREFIX_NOTE = 'prompts start after what they share with one before'

/**
 * Whether prompts that start after a prefix that another prompt ran come to the same logits, in a padded batch too; else why
 * not. `caching`: the same model with a cache that takes prefixes of PROOF_PREFIX tokens.
 */
export async function provePrefix(model: LanguageModel, caching: LanguageModel): Promise<DeltaProof> {
  const ordinary = testPrompt(model, 2 * PROOF_PREFIX + 3)
  const prefix = ordinary.slice(0, PROOF_PREFIX)
  const rest = ordinary.slice(PROOF_PREFIX)
  const prompts = [
    [...prefix, ...rest.slice(2)],
    [...prefix, ...rest.slice(3, 6)],
  ]
  try {
    ;(await caching.prefill([[...prefix, ...rest.slice(0, 3)]])).close()
    const anew = await stepped(await model.prefill(prompts), rest[0]!)
    const after = await stepped(await caching.prefill(prompts), rest[0]!)
    const found = agreement(anew, after)
    return found.spread <= limitOf(model.facts)
      ? {kind: 'proven', note: PREFIX_NOTE}
      : {kind: 'refused', why: `a shared prefix moves logits by ${found.spread.toExponential(1)} deviations`}
  } catch (cause) {
    return {kind: 'refused', why: `a prompt does not run after a prefix: ${runtimeMessage(cause)}`}
  }
}

/**
 * Proves that a model whose keys and values stay in place computes what it computes without a cache, in batches too,
 * and that unused slots between a row's past and its new position change nothing. `spacious`: the same model with
 * PROOF_SLOTS unused slots.
 */
export async function proveDelta(model: LanguageModel, spacious: LanguageModel): Promise<DeltaProof> {
  try {
    const checks = await selfTest(model)
    const failed = checks.find(({passed}) => !passed)
    if (failed !== undefined) return {kind: 'refused', why: `${failed.name}: no (${failed.detail})`}
    const prompt = testPrompt(model, 6)
    const tight = await stepped(await model.prefill([prompt]), prompt[1]!)
    const wide = await stepped(await spacious.prefill([prompt]), prompt[1]!)
    const found = agreement(tight, wide)
    if (!(found.spread <= limitOf(model.facts)))
      return {kind: 'refused', why: `unused slots move logits by ${found.spread.toExponential(1)} deviations`}
    return {
      kind: 'proven',
      note: `self-test passed: ${checks.length + 1} checks; keys and values stay in place between steps (rewritten at load)`,
    }
  } catch (cause) {
    return {kind: 'refused', why: `the rewritten graph does not run: ${runtimeMessage(cause)}`}
  }
}

/** Logits of all rows after one more token; closes the state. */
async function stepped(state: DecoderState, token: number): Promise<Float32Array> {
  await state.step(new Int32Array(state.rows).fill(token))
  const logits = state.logits.slice()
  state.close()
  return logits
}

/**
 * The attention window that config.json names: with one, how far apart two places of the cache lie decides what is
 * seen, so that none may stay unused. Undefined where there is none, or it is as long as the context.
 */
export function attentionWindow(
  config: CheckpointConfig,
  contextLength: number | undefined,
): string | undefined {
  const levels: unknown[] = [config.model, config.model?.['text_config']]
  for (const level of levels) {
    if (typeof level !== 'object' || level === null) continue
    const entries = Object.entries(level)
    if (entries.some(([key, value]) => key === 'use_sliding_window' && value === false)) continue
    for (const [key, value] of entries) {
      const isWindow =
        /window(?:_size)?$|^local_attention$|attention_chunk_size$/.test(key) && typeof value === 'number'
      if (isWindow && value > 0 && value < (contextLength ?? Number.POSITIVE_INFINITY))
        return `config.json names an attention window (${key} ${value})`
    }
  }
  return undefined
}
