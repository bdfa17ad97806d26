import type {EvalConfig} from '../config/eval-config.ts'
import {readCheckpointConfig} from '../engine/checkpoint-config.ts'
import {type Inference, openInference} from '../inference/inference.ts'
import {resolveModel} from '../inference/resolve-model.ts'
import type {Manifest} from '../store/manifest.ts'
import {openTokenizer} from '../tokenizer/open-tokenizer.ts'
import type {Tokenizer} from '../tokenizer/tokenizer.ts'

type ModelCard = NonNullable<Manifest['model']['card']>

/** A checkpoint as an evaluation uses it. */
export interface Checkpoint {
  /** What tables show. */
  readonly name: string
  /** Holds its configuration files. */
  readonly folder: string
  readonly inference: Pick<Inference, 'facts' | 'decode' | 'close'>
  readonly tokenizer: Tokenizer
}

export type OpenCheckpoint = (config: EvalConfig) => Promise<Checkpoint>

/** Opens model (in its own thread) and tokenizer. */
export async function openCheckpoint(config: EvalConfig): Promise<Checkpoint> {
  const {name, folder} = await resolveModel(config.model)
  const tokenizer = await openTokenizer(folder)
  const inference = await openInference({
    folder,
    name,
    dtype: config.dtype,
    device: config.device,
    threads: config.threads,
    exact: config.exact,
  })
  return {name, folder, inference, tokenizer}
}

/** The names under which configuration files give the layers of a stack. */
const ENCODER_LAYERS = ['encoder_layers', 'num_encoder_layers', 'num_layers']
const DECODER_LAYERS = ['decoder_layers', 'num_decoder_layers', 'num_hidden_layers', 'n_layer', 'num_layers']

/** What the checkpoint's config.json says of itself; keys that it lacks are absent. */
export async function readModelCard(folder: string): Promise<ModelCard> {
  const model = (await readCheckpointConfig(folder)).model ?? {}
  const layers = (names: readonly string[]): number | undefined => {
    const value = names.map((name) => model[name]).find((part) => part !== undefined)
    return typeof value === 'number' && Number.isInteger(value) && value > 0 ? value : undefined
  }
  const isPair = model.is_encoder_decoder === true
  const about: unknown = model['slm']
  const training =
    typeof about === 'object' && about !== null && 'training' in about ? about.training : undefined
  return {
    ...optional('encoderLayers', isPair ? layers(ENCODER_LAYERS) : undefined),
    ...optional('decoderLayers', layers(DECODER_LAYERS)),
    ...optional('training', typeof training === 'string' ? training : undefined),
  }
}

function optional<Key extends string, Value>(key: Key, value: Value | undefined): {[name in Key]?: Value} {
  return value === undefined ? {} : ({[key]: value} as {[name in Key]: Value}) // one key of the named type
}
