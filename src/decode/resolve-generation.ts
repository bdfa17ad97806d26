import type {z} from 'zod'
import type {SpecialTokens} from '../engine/language-model.ts'
import {SlmError} from '../errors.ts'
import {DEFAULT_SETTINGS, type GenerationSettings, SEARCH_KEYS, TOKEN_KEYS} from './generation-settings.ts'
import {HARMLESS_KEYS, UNSUPPORTED_KEYS} from './unsupported-keys.ts'

/** The command line's short flags; they win over everything else. */
export interface GenerationFlags {
  readonly maxNewTokens?: number
  readonly numBeams?: number
  /** 0 asks for greedy, anything above for sampling. */
  readonly temperature?: number
  /** Asks for sampling. */
  readonly topK?: number
  /** Asks for sampling. */
  readonly topP?: number
}

export interface GenerationSources {
  /** The parsed generation_config.json (or the `search` part of genai_config.json); undefined where there is none. */
  readonly checkpoint: unknown
  /** The parsed config.json. As in transformers it is read only where `checkpoint` is undefined: old checkpoints keep these keys there. */
  readonly config: unknown
  /** What the engine found: fills in where the files above are silent. */
  readonly tokens: SpecialTokens
  /** The parsed JSON of `--generation`; undefined where none was given. */
  readonly user: unknown
  readonly flags: GenerationFlags
  /** `--generation checkpoint`: search and length are the checkpoint's as well. */
  readonly useCheckpointSearch: boolean
  /** Where nobody names a length. */
  readonly defaultMaxNewTokens: number
}

type Layer = Partial<GenerationSettings>

const everySchema: Readonly<Record<string, z.ZodType>> = {...TOKEN_KEYS, ...SEARCH_KEYS}
const supported = Object.keys(everySchema)

/** `null` means "off" in these files; where off has its own value, this is it (transformers checks for None before each). */
const OFF: Layer = {top_k: 0, eos_token_id: []}

/** One value for each setting: flags over the user's JSON over the checkpoint's over the defaults. Refuses by name what is not supported. */
export function resolveGeneration(sources: GenerationSources): GenerationSettings {
  const {flags, tokens} = sources
  const user = readLayer('--generation', sources.user ?? {}, 'user')
  const checkpoint =
    sources.checkpoint === undefined
      ? readLayer('config.json', sources.config ?? {}, sources.useCheckpointSearch ? 'checkpoint' : 'tokens')
      : readLayer(
          'generation_config.json',
          sources.checkpoint,
          sources.useCheckpointSearch ? 'checkpoint' : 'tokens',
        )
  const layers: Layer[] = [tokenLayer(tokens), checkpoint, user, flagLayer(flags)]
  const settings: GenerationSettings = Object.assign(
    {...DEFAULT_SETTINGS},
    ...layers.flatMap((layer) => [lengthsOff(layer), layer]),
  )
  const withLength =
    settings.max_new_tokens === null && settings.max_length === null
      ? {...settings, max_new_tokens: sources.defaultMaxNewTokens}
      : settings
  checkTogether(withLength, tokens)
  return withLength
}

/** A layer that names a length replaces both lengths of the layers below it, so that its own is the one in force. */
function lengthsOff(layer: Layer): Layer {
  return {
    ...('max_new_tokens' in layer || 'max_length' in layer ? {max_new_tokens: null, max_length: null} : {}),
    ...('min_new_tokens' in layer || 'min_length' in layer ? {min_new_tokens: null, min_length: 0} : {}),
  }
}

function tokenLayer(tokens: SpecialTokens): Layer {
  return {
    eos_token_id: [...tokens.end],
    pad_token_id: tokens.pad ?? null,
    bos_token_id: tokens.begin ?? null,
    decoder_start_token_id: tokens.decoderStart ?? null,
  }
}

function flagLayer(flags: GenerationFlags): Layer {
  const asksForSampling =
    flags.topK !== undefined ||
    flags.topP !== undefined ||
    (flags.temperature !== undefined && flags.temperature > 0)
  return {
    ...(flags.maxNewTokens === undefined ? {} : {max_new_tokens: flags.maxNewTokens}),
    ...(flags.numBeams === undefined ? {} : {num_beams: flags.numBeams}),
    ...(flags.topK === undefined ? {} : {top_k: flags.topK}),
    ...(flags.topP === undefined ? {} : {top_p: flags.topP}),
    ...(asksForSampling ? {do_sample: true} : {}),
    ...(flags.temperature === 0 ? {do_sample: false, temperature: 1} : {}),
    ...(flags.temperature === undefined || flags.temperature === 0 ? {} : {temperature: flags.temperature}),
  }
}

/** `user`: every key counts and an unknown one is refused. `checkpoint`, `tokens`: unknown keys are ignored, as transformers does. */
function readLayer(name: string, json: unknown, reading: 'user' | 'checkpoint' | 'tokens'): Layer {
  if (typeof json !== 'object' || json === null || Array.isArray(json)) {
    throw new SlmError('generation-not-an-object', `${name}: must be a JSON object of generation settings`)
  }
  const layer: Record<string, unknown> = {}
  for (const [key, value] of Object.entries(json)) {
    if (HARMLESS_KEYS.has(key)) continue
    if (reading === 'tokens' && key in SEARCH_KEYS) continue
    if (key in everySchema) {
      layer[key] = readValue(name, key, value)
      continue
    }
    const refused = UNSUPPORTED_KEYS[key]
    if (refused?.isOff(value) === true) continue
    const counts =
      reading === 'user' || (refused !== undefined && (reading === 'checkpoint' || refused.isAboutTokens))
    if (counts) {
      throw new SlmError('generation-key-unsupported', `${name}: ${key} is not supported`, {
        hint: `Supported: ${supported.join(', ')}.`,
      })
    }
  }
  return layer as Layer // each value has passed the schema of its key
}

function readValue(name: string, key: string, value: unknown): unknown {
  if (value === null) {
    const off = OFF[key as keyof GenerationSettings] ?? DEFAULT_SETTINGS[key as keyof GenerationSettings] // key is in everySchema
    return off
  }
  const read = everySchema[key]!.safeParse(value)
  if (read.success) return read.data
  const [issue] = read.error.issues
  const place = [key, ...(issue?.path ?? [])].join('.')
  throw new SlmError(
    'generation-value-invalid',
    `${name}: ${place}: ${issue?.message}: ${JSON.stringify(value)}`,
    {
      hint: 'Write it as in Hugging Face’s generation_config.json.',
    },
  )
}

/** What no single key shows. */
function checkTogether(settings: GenerationSettings, tokens: SpecialTokens): void {
  const invalid = (message: string, hint: string): never => {
    throw new SlmError('generation-value-invalid', message, {hint})
  }
  if (settings.do_sample && settings.temperature === 0) {
    invalid('temperature is 0 with do_sample', 'Set do_sample to false for greedy, or a temperature above 0.')
  }
  if (!settings.do_sample && settings.num_return_sequences > settings.num_beams) {
    invalid(
      `num_return_sequences is ${settings.num_return_sequences} with num_beams ${settings.num_beams}`,
      'Ask for at most num_beams sequences, or sample.',
    )
  }
  if (settings.eos_token_id.length === 0) {
    invalid('eos_token_id is empty', 'Name at least one end token: without one no row would ever end.')
  }
  const start = settings.decoder_start_token_id
  if (tokens.decoderStart !== undefined && start !== tokens.decoderStart) {
    invalid(
      `decoder_start_token_id is ${start}, the checkpoint starts with ${tokens.decoderStart}`,
      'Change it in the checkpoint’s own generation_config.json.',
    )
  }
}
