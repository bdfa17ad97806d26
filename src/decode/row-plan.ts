import type {ModelFacts} from '../engine/language-model.ts'
import {SlmError} from '../errors.ts'
import type {DecodeOptions, DecodeRequest} from '../inference/protocol.ts'
import type {GenerationSettings} from './generation-settings.ts'
import type {RowPlan} from './search.ts'

/** The plan for one row, or in words why its prompt cannot be decoded. */
export function planRow(
  facts: ModelFacts,
  request: DecodeRequest,
  options: DecodeOptions,
  shared: Pick<RowPlan, 'stopText' | 'scratch'>,
): RowPlan | string {
  const {promptIds} = request
  const settings = options.generation
  const isDecoderOnly = facts.architecture === 'dec-only'
  if (promptIds.length === 0) return 'the prompt is empty'
  const outside = promptIds.find((id) => id < 0 || id >= facts.vocabulary)
  if (outside !== undefined) return `the prompt holds id ${outside}, the vocabulary has ${facts.vocabulary}`
  const inputIds = isDecoderOnly
    ? promptIds
    : [facts.tokens.decoderStart ?? settings.decoder_start_token_id ?? 0]
  let limit = settings.max_new_tokens ?? (settings.max_length ?? 0) - inputIds.length
  if (limit < 1)
    return `max_length ${settings.max_length} leaves no place after ${inputIds.length} ids of input`
  if (isDecoderOnly && facts.contextLength !== undefined) {
    const room = facts.contextLength - promptIds.length
    if (room < 1) return `the prompt of ${promptIds.length} ids fills the context of ${facts.contextLength}`
    limit = Math.min(limit, room)
  }
  return {
    ...shared,
    settings,
    promptIds,
    inputIds,
    inputLength: inputIds.length,
    limit,
    vocabulary: facts.vocabulary,
    topLogits: options.topLogits,
    logprobs: options.logprobs ?? true,
    runSeed: options.seed,
    rowSeed: request.seed,
  }
}

/** Ids that the search itself writes or biases must exist; transformers refuses the same. */
export function checkVocabulary(settings: GenerationSettings, vocabulary: number): void {
  const used: Readonly<Record<string, readonly number[] | null>> = {
    forced_bos_token_id: settings.forced_bos_token_id === null ? null : [settings.forced_bos_token_id],
    forced_eos_token_id: settings.forced_eos_token_id,
    bad_words_ids: settings.bad_words_ids?.flat() ?? null,
    sequence_bias: settings.sequence_bias?.flatMap(([sequence]) => sequence) ?? null,
  }
  for (const [key, ids] of Object.entries(used)) {
    const outside = ids?.find((id) => id >= vocabulary)
    if (outside === undefined) continue
    throw new SlmError(
      'generation-id-outside',
      `${key} names id ${outside}, the vocabulary has ${vocabulary}`,
      {
        hint: 'Use ids of this model’s own tokenizer.',
      },
    )
  }
}
