import {SlmError} from '../../errors.ts'
import {Opaque, type Pickled} from './pickle.ts'
import {readSafetensors} from './safetensors.ts'
import type {StateDict, StoredTensor} from './state-dict.ts'
import {readTorchFile, TorchTensor} from './torch-file.ts'

/** What a checkpoint file of the paper's code holds. */
export interface MuFile {
  readonly weights: StateDict
  /** The configuration that the training code saved beside the weights; undefined in a bare state dict. */
  readonly config: unknown
}

/** Prefixes that PyTorch's wrappers (data parallel, compile) put before every name. */
const WRAPPERS = /^(module\.|_orig_mod\.)+/

/** Reads .safetensors, a .pt of the training code (`model_state_dict`, `model_config`), or a .pt of a bare state dict. */
export function readMuFile(path: string): MuFile {
  if (path.endsWith('.safetensors')) return {weights: unwrap(readSafetensors(path)), config: undefined}
  const saved = readTorchFile(path)
  if (!(saved instanceof Map)) throw noWeights(path)
  const state = saved.get('model_state_dict') ?? saved.get('state_dict') ?? saved
  if (!(state instanceof Map)) throw noWeights(path)
  const weights = new Map<string, StoredTensor>()
  for (const [name, value] of state)
    if (typeof name === 'string' && value instanceof Opaque && value.value instanceof TorchTensor)
      weights.set(name, value.value)
  if (weights.size === 0) throw noWeights(path)
  return {weights: unwrap(weights), config: plain(saved.get('model_config'))}
}

function unwrap(weights: StateDict): StateDict {
  return new Map([...weights].map(([name, tensor]) => [name.replace(WRAPPERS, ''), tensor]))
}

function plain(value: Pickled | undefined): unknown {
  if (!(value instanceof Map)) return undefined
  return Object.fromEntries([...value].map(([key, entry]) => [String(key), entry]))
}

function noWeights(path: string): SlmError {
  return new SlmError('weights-missing', `${path} holds no state dict`, {
    hint: 'Expected is a dictionary of weights, or one with the key model_state_dict.',
  })
}
