import {SlmError} from '../errors.ts'
import type {CheckpointConfig} from './checkpoint-config.ts'
import type {Architecture, SpecialTokens} from './language-model.ts'

/**
 * The token ids that begin, end and pad a row, from generation_config.json, then config.json, then genai_config.json.
 * A missing start or end token is an error, not a fallback: a wrong one changes every score.
 */
export function specialTokens(
  folder: string,
  config: CheckpointConfig,
  architecture: Architecture,
): SpecialTokens {
  const sources = [config.generation, config.model, config.genai?.model]
  const end = first(sources.map((source) => list(source?.['eos_token_id'])))
  if (end === undefined) {
    throw new SlmError('end-token-missing', `${folder}: no file names eos_token_id`, {
      hint: 'Add "eos_token_id" to generation_config.json, as the model was trained.',
    })
  }
  const decoderStart = first(sources.map((source) => list(source?.['decoder_start_token_id'])))?.[0]
  if (architecture === 'enc-dec' && decoderStart === undefined) {
    throw new SlmError('decoder-start-missing', `${folder}: no file names decoder_start_token_id`, {
      hint: 'Add "decoder_start_token_id" to generation_config.json, as the model was trained.',
    })
  }
  const pad = first(sources.map((source) => list(source?.['pad_token_id'])))?.[0]
  return {
    decoderStart: architecture === 'enc-dec' ? decoderStart : undefined,
    begin: first(sources.map((source) => list(source?.['bos_token_id'])))?.[0],
    end,
    // Some configurations write -1 for "none".
    pad: pad === undefined || pad < 0 ? undefined : pad,
  }
}

function list(value: unknown): readonly number[] | undefined {
  if (typeof value === 'number') return [value]
  if (!Array.isArray(value)) return undefined
  const numbers = value.filter((each): each is number => typeof each === 'number')
  return numbers.length > 0 ? numbers : undefined
}

function first<T>(values: readonly (T | undefined)[]): T | undefined {
  return values.find((value) => value !== undefined)
}
