import type {Architecture} from '../engine/language-model.ts'

/** How a checkpoint came about, as its own config.json says; `not stated` where it says nothing. */
export type Training = 'teacher' | 'seq2seq' | 'kd' | 'untrained' | 'not stated'

export const PLACES = [
  'teacher',
  'dec-only',
  'enc-dec-seq2seq',
  'enc-dec-kd',
  'enc-dec-other',
  'unknown',
  'shortcut',
] as const
/** The groups of Table 1 in the paper's order, two for models that its groups do not describe, and one for what is no model. */
export type PlaceId = (typeof PLACES)[number]

export const PLACE_HEADINGS: Readonly<Record<PlaceId, string>> = {
  teacher: '',
  'dec-only': 'Decoder-only',
  'enc-dec-seq2seq': 'Encoder-Decoder (Seq2Seq)',
  'enc-dec-kd': 'Encoder-Decoder (KD)',
  'enc-dec-other': 'Encoder-Decoder (untrained, or training not stated)',
  unknown: 'Architecture not stated',
  shortcut: 'Shortcuts: policies that the program computes, not models',
}

export function placeOf(architecture: Architecture | 'not stated', training: Training): PlaceId {
  if (training === 'teacher') return 'teacher'
  if (architecture === 'dec-only') return 'dec-only'
  if (architecture === 'not stated') return 'unknown'
  if (training === 'seq2seq') return 'enc-dec-seq2seq'
  return training === 'kd' ? 'enc-dec-kd' : 'enc-dec-other'
}

/** Encoder and decoder share of the layers in lowest terms: 20 and 10 layers are `2/3-1/3`. */
export function splitOf(encoderLayers: number, decoderLayers: number): string {
  const all = encoderLayers + decoderLayers
  const share = (layers: number): string => {
    const divisor = greatestCommonDivisor(layers, all)
    return `${layers / divisor}/${all / divisor}`
  }
  return `${share(encoderLayers)}-${share(decoderLayers)}`
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b)
}

const TRAINING_WORDS = {teacher: 'teacher', seq2seq: 'Seq2Seq', kd: 'KD'} as const

/**
 * A row's printed name: the paper's own label (split for an encoder-decoder model, training for a decoder-only one) before
 * the model's name. An untrained model always says so, whatever its group.
 */
export function rowName(model: string, place: PlaceId, training: Training, split: string): string {
  const isNamed = training !== 'not stated' && training !== 'untrained'
  const label = place.startsWith('enc-dec') ? split : isNamed ? TRAINING_WORDS[training] : ''
  const labelled = label === '' ? model : `${label}: ${model}`
  return training === 'untrained' ? `${labelled} (untrained)` : labelled
}
