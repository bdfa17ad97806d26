import {existsSync, readFileSync} from 'node:fs'
import {basename, dirname, join} from 'node:path'
import {SlmError} from '../../errors.ts'
import {makeFolder} from '../checkpoint/make-folder.ts'
import {copyTokenizer, readTokenizerFacts} from '../checkpoint/tokenizer-files.ts'
import {writeCheckpoint} from '../checkpoint/write-checkpoint.ts'
import type {Precision} from '../network/precision.ts'
import {countNetworkParameters, type NetworkShape} from '../network/shape.ts'
import {type MuConfig, muShape, parseMuConfig} from './mu-config.ts'
import {type MuFile, readMuFile} from './mu-file.ts'
import {hasMuBiases, muWeights} from './mu-weights.ts'

export interface ImportRequest {
  /** .pt or .safetensors */
  readonly file: string
  /** JSON with the paper's configuration; by default config.json beside the file, then what the file itself holds. */
  readonly modelConfig: string | undefined
  /** Folder of the tokenizer; by default the file's own. */
  readonly tokenizer: string | undefined
  readonly precisions: readonly Precision[]
  readonly out: string
}

export interface Imported {
  readonly shape: NetworkShape
  readonly parameters: number
  readonly files: readonly string[]
  /** What the user should know about the result. */
  readonly notes: readonly string[]
}

/** The paper's code sets the start token itself, whatever the tokenizer says. */
const START_TOKEN = 1

/** Turns a checkpoint of the paper's code into an ONNX folder. Reads and writes on disk; runs nothing of what it reads. */
export function importMu(request: ImportRequest): Imported {
  const {file, out} = request
  if (!existsSync(file)) throw new SlmError('weights-missing', `${file} does not exist`)
  const saved = readMuFile(file)
  const config = configOf(request, saved)
  const tokenizer = request.tokenizer ?? dirname(file)
  const end = endToken(tokenizer, config)
  const shape = muShape(config, hasMuBiases(saved.weights))
  const weights = muWeights(saved.weights, shape, config.is_interleaved, file)
  makeFolder(out)
  const parameters = countNetworkParameters(shape)
  const files = writeCheckpoint({
    folder: out,
    shape,
    weights,
    precisions: request.precisions,
    tokens: {begin: START_TOKEN, end, pad: config.pad_token_id},
    provenance: {network: 'mu', importedFrom: basename(file), parameters, config},
  })
  return {shape, parameters, files: [...files, ...copyTokenizer(tokenizer, out)], notes: notesOn(config)}
}

function configOf({file, modelConfig}: ImportRequest, saved: MuFile): MuConfig {
  const beside = join(dirname(file), 'config.json')
  if (modelConfig !== undefined) return parseMuConfig(readJson(modelConfig), modelConfig)
  if (existsSync(beside)) return parseMuConfig(readJson(beside), beside)
  if (saved.config !== undefined) return parseMuConfig(saved.config, `${file} (model_config)`)
  throw new SlmError('mu-config-missing', `${file} comes without a configuration`, {
    hint: 'Give the configuration of the training code: --model-config FILE.json',
  })
}

function endToken(tokenizer: string, config: MuConfig): number {
  const {end} = readTokenizerFacts(tokenizer)
  if (end === undefined)
    throw new SlmError(
      'end-token-missing',
      `${tokenizer}: tokenizer_config.json names no eos_token that the tokenizer has`,
      {
        hint: 'The end token ends every answer: add "eos_token" to tokenizer_config.json, as in training.',
      },
    )
  if (end >= config.vocab_size)
    throw new SlmError(
      'tokenizer-misfit',
      `the tokenizer's end token ${end} lies outside the vocabulary of ${config.vocab_size}`,
      {hint: 'Give the tokenizer that the weights were trained with: --tokenizer DIR'},
    )
  return end
}

function notesOn(config: MuConfig): readonly string[] {
  if (config.rope_factor === 1) return []
  return [
    `rope_factor ${config.rope_factor}: beyond ${config.block_size} tokens the encoder scales as the paper's code does, from the padded length of the batch; the decoder does not, since a cache holds keys of one base`,
  ]
}

function readJson(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8'))
  } catch (cause) {
    throw new SlmError('mu-config-broken', `${path} is not a readable JSON file`, {cause})
  }
}
