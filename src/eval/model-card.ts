import {readCheckpointConfig} from '../engine/checkpoint-config.ts'
import {checkpointParameters} from '../engine/checkpoint-parameters.ts'
import type {Dtype} from '../engine/language-model.ts'
import type {Manifest} from '../store/manifest.ts'

export type ModelCard = NonNullable<Manifest['model']['card']>

/** The names under which configuration files give the layers of a stack. */
const ENCODER_LAYERS = ['encoder_layers', 'num_encoder_layers', 'num_layers']
const DECODER_LAYERS = ['decoder_layers', 'num_decoder_layers', 'num_hidden_layers', 'n_layer', 'num_layers']

/** The parameters of the files in use, and what the checkpoint's config.json says of itself; what is not known is absent. */
export async function readModelCard(folder: string, dtype: Dtype): Promise<ModelCard> {
  const model = (await readCheckpointConfig(folder)).model ?? {}
  const layers = (names: readonly string[]): number | undefined => {
    const value = names.map((name) => model[name]).find((part) => part !== undefined)
    return typeof value === 'number' && Number.isInteger(value) && value > 0 ? value : undefined
  }
  const isPair = model.is_encoder_decoder === true
  return {
    ...optional('parameters', await checkpointParameters(folder, dtype)),
    ...optional('encoderLayers', isPair ? layers(ENCODER_LAYERS) : undefined),
    ...optional('decoderLayers', layers(DECODER_LAYERS)),
    ...optional('training', trainingOf(model['slm'])),
  }
}

/** What our own checkpoints say under `slm`. */
function trainingOf(about: unknown): string | undefined {
  if (typeof about !== 'object' || about === null) return undefined
  if ('untrained' in about && about.untrained === true) return 'untrained'
  return 'training' in about && typeof about.training === 'string' ? about.training : undefined
}

function optional<Key extends string, Value>(key: Key, value: Value | undefined): {[name in Key]?: Value} {
  return value === undefined ? {} : ({[key]: value} as {[name in Key]: Value}) // one key of the named type
}
