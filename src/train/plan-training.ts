import {createHash} from 'node:crypto'
import {digestOf} from '../config/canonical-json.ts'
import type {TrainConfig} from '../config/train-config.ts'
import {SlmError} from '../errors.ts'
import {readTokenizerFacts} from '../onnx/checkpoint/tokenizer-files.ts'
import {parseParameterCount, parseSplit} from '../onnx/network/parse-size.ts'
import {planNetwork, shapeOf} from '../onnx/network/plan.ts'
import {countNetworkParameters, type NetworkShape} from '../onnx/network/shape.ts'
import type {TaskExamples} from './examples.ts'

/** A training settled: nothing is decided later. */
export interface TrainingPlan {
  readonly config: TrainConfig
  readonly shape: NetworkShape
  readonly parameters: number
  readonly tokens: {readonly begin: number; readonly end: number; readonly pad: number}
  /** Of everything that decides the weights. */
  readonly digest: string
}

const PAD = 0

/** Settles shape and size. Reads the tokenizer's files; writes nothing. */
export function planTraining(config: TrainConfig): Omit<TrainingPlan, 'digest'> {
  const facts = readTokenizerFacts(config.tokenizer)
  if (facts.begin === undefined || facts.end === undefined)
    throw new SlmError('tokenizer-broken', `${config.tokenizer} names no begin or end token`, {
      hint: 'tokenizer_config.json must have bos_token and eos_token; `slm model tokenizer` writes them.',
    })
  const shape = shapeFor(config, facts.vocabulary)
  return {
    config,
    shape,
    parameters: countNetworkParameters(shape),
    tokens: {begin: facts.begin, end: facts.end, pad: PAD},
  }
}

/** What a configuration only names, as it was found. */
export interface FoundInputs {
  /** Digest of the tokenizer. */
  readonly tokenizer: string
  /** Digest of the teacher's graph. */
  readonly teacher: string | undefined
  /** Tokens to learn from, to evaluate on, and to begin with. */
  readonly examples: readonly (readonly TaskExamples[])[]
}

/** Digest of everything that decides the weights: where files lie and how often is saved does not. */
export function planDigest(config: TrainConfig, {tokenizer, teacher, examples}: FoundInputs): string {
  const {out: _out, threads: _threads, saveEvery: _saveEvery, tokenizer: _tokenizer, ...decisive} = config
  const {data: _data, split: _split, tasks: _tasks, curriculum, evaluation, distillation, ...rest} = decisive
  const tokens = createHash('sha256')
  for (const tasks of examples)
    for (const {task, examples: list} of tasks) {
      tokens.update(`${task} ${list.length};`)
      for (const {source, target} of list) tokens.update(`${source.join()}:${target.join()};`)
    }
  return digestOf({
    ...rest,
    curriculum: curriculum && {steps: curriculum.steps},
    evaluation: {...evaluation, data: undefined, split: undefined},
    distillation: distillation && {...distillation, teacher},
    tokenizer,
    tokens: tokens.digest('hex'),
  })
}

/** The shape of a configured network with so many tokens. Errors: `shape-impossible`. */
export function shapeFor({network}: TrainConfig, vocabulary: number): NetworkShape {
  const {arch, params, encoderLayers, decoderLayers, layers, feedForward} = network
  const isEncDec = arch === 'enc-dec'
  const sizes = isEncDec ? [encoderLayers, decoderLayers] : [layers]
  const foreign = isEncDec ? layers : (encoderLayers ?? decoderLayers)
  const isNamed = sizes.every((size) => size !== undefined)
  if (foreign !== undefined || isNamed === (params !== undefined))
    throw new SlmError('shape-impossible', 'the size of the network is given twice, or not at all', {
      hint: isEncDec
        ? 'Give network.params, or encoderLayers with decoderLayers.'
        : 'Give network.params, or layers.',
    })
  const wish = {
    vocabulary,
    contextLength: network.context,
    width: network.width,
    heads: network.heads,
    keyValueHeads: network.keyValueHeads ?? network.heads,
    headSize: network.headSize,
    hasBiases: network.biases,
  }
  const options = {hasUnitHeads: network.unitHeads, hasUnitEmbedding: network.unitEmbedding}
  if (params !== undefined) {
    const split = isEncDec ? parseSplit(network.split) : {encoder: 0, decoder: 1}
    return {...planNetwork({...wish, parameters: parseParameterCount(params), split}), ...options}
  }
  const [first = 0, second = 0] = sizes
  const full = {...wish, width: network.width ?? 192, feedForward}
  return {...(isEncDec ? shapeOf(full, first, second) : shapeOf(full, 0, first)), ...options}
}
