import {writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {SlmError} from '../../errors.ts'
import {parseParameterCount, parseSplit} from '../network/parse-size.ts'
import {planNetwork, shapeOf} from '../network/plan.ts'
import {BUILD_DTYPES, type BuildDtype, type Precision} from '../network/precision.ts'
import {randomWeights} from '../network/random-weights.ts'
import {countNetworkParameters, type NetworkShape} from '../network/shape.ts'
import {BYTE_TOKENS, BYTE_VOCABULARY, byteTokenizerFiles} from './byte-tokenizer.ts'
import type {CheckpointTokens} from './config-files.ts'
import {makeFolder} from './make-folder.ts'
import {copyTokenizer, readTokenizerFacts} from './tokenizer-files.ts'
import {writeCheckpoint} from './write-checkpoint.ts'

/** What was asked for on the command line. */
export interface BuildRequest {
  readonly arch: 'enc-dec' | 'dec-only'
  readonly params?: string | undefined
  readonly split: string
  readonly 'encoder-layers'?: number | undefined
  readonly 'decoder-layers'?: number | undefined
  readonly layers?: number | undefined
  readonly width?: number | undefined
  readonly 'feed-forward'?: number | undefined
  readonly heads?: number | undefined
  readonly 'kv-heads'?: number | undefined
  readonly 'head-size'?: number | undefined
  readonly vocabulary?: number | undefined
  readonly context: number
  readonly dtype: string
  readonly blockSize: string
  readonly accuracyLevel: string
  readonly tokenizer?: string | undefined
  readonly seed: number
  readonly spread: string
}

export interface BuildPlan {
  readonly shape: NetworkShape
  readonly parameters: number
  readonly precisions: readonly Precision[]
  readonly tokens: CheckpointTokens
  readonly tokenizer: string | undefined
  readonly seed: number
  readonly spread: number
}

/** The paper's vocabulary. */
const PAPER_VOCABULARY = 32_128

/** Settles shape, size and precisions; writes nothing. Reads the tokenizer's folder where one is given. */
export function planBuild(request: BuildRequest): BuildPlan {
  const facts = request.tokenizer === undefined ? undefined : readTokenizerFacts(request.tokenizer)
  const vocabulary = request.vocabulary ?? facts?.vocabulary ?? PAPER_VOCABULARY
  const smallest = facts?.vocabulary ?? BYTE_VOCABULARY
  if (vocabulary < smallest)
    throw new SlmError(
      'shape-impossible',
      `a vocabulary of ${vocabulary} has no room for the tokenizer's ${smallest} tokens`,
    )
  const shape = shapeFor(request, vocabulary)
  const spread = Number(request.spread)
  if (!(spread > 0)) throw new SlmError('usage', `--spread ${request.spread} is not a positive number`)
  return {
    shape,
    parameters: countNetworkParameters(shape),
    precisions: parsePrecisions(request.dtype, request.blockSize, request.accuracyLevel),
    tokens: {
      pad: BYTE_TOKENS.pad,
      begin: facts?.begin ?? BYTE_TOKENS.begin,
      end: facts?.end ?? BYTE_TOKENS.end,
    },
    tokenizer: request.tokenizer,
    seed: request.seed,
    spread,
  }
}

/** Writes the folder and returns the files, relative to it. */
export function buildCheckpoint(plan: BuildPlan, folder: string): readonly string[] {
  makeFolder(folder)
  const {shape, seed, spread, tokenizer} = plan
  const tokenizerFiles =
    tokenizer === undefined ? writeByteTokenizer(plan, folder) : copyTokenizer(tokenizer, folder)
  const files = writeCheckpoint({
    folder,
    shape,
    weights: randomWeights(shape, seed, spread),
    precisions: plan.precisions,
    tokens: plan.tokens,
    provenance: {network: 'mu', untrained: true, seed, spread, parameters: plan.parameters},
  })
  return [...files, ...tokenizerFiles]
}

/** `fp32,q4` with what goes with it. */
export function parsePrecisions(
  dtypes: string,
  blockSize: string,
  accuracyLevel: string,
): readonly Precision[] {
  const names = [...new Set(dtypes.split(',').map((name) => name.trim()))]
  return names.map((name) => {
    const dtype = BUILD_DTYPES.find((known): known is BuildDtype => known === name)
    if (!dtype)
      throw new SlmError('dtype-unknown', `${name || 'nothing'} is not a dtype that can be written`, {
        hint: `Known are ${BUILD_DTYPES.join(', ')}.`,
      })
    const block = ([16, 32, 64, 128] as const).find((size) => size === Number(blockSize)) ?? 32
    return {dtype, blockSize: block, accuracyLevel: accuracyLevel === '0' ? 0 : 4}
  })
}

function shapeFor(request: BuildRequest, vocabulary: number): NetworkShape {
  const wish = {
    vocabulary,
    contextLength: request.context,
    width: request.width,
    heads: request.heads,
    keyValueHeads: request['kv-heads'],
    headSize: request['head-size'],
  }
  const {layers} = request
  const encoderLayers = request['encoder-layers']
  const decoderLayers = request['decoder-layers']
  const isEncDec = request.arch === 'enc-dec'
  const named = isEncDec ? encoderLayers !== undefined || decoderLayers !== undefined : layers !== undefined
  const foreign = isEncDec ? layers !== undefined : encoderLayers !== undefined || decoderLayers !== undefined
  if (foreign || named === (request.params !== undefined))
    throw new SlmError('usage', 'the size is given twice, or not at all', {
      hint: isEncDec
        ? 'Give --params with --split, or --encoder-layers with --decoder-layers.'
        : 'Give --params, or --layers.',
    })
  if (request.params !== undefined) {
    const split = isEncDec ? parseSplit(request.split) : {encoder: 0, decoder: 1}
    const planned = planNetwork({...wish, parameters: parseParameterCount(request.params), split})
    return request['feed-forward'] === undefined
      ? planned
      : {...planned, feedForward: request['feed-forward']}
  }
  if (isEncDec && (encoderLayers === undefined || decoderLayers === undefined))
    throw new SlmError('usage', '--encoder-layers and --decoder-layers go together')
  const full = {...wish, width: request.width ?? 1024, feedForward: request['feed-forward']}
  return isEncDec ? shapeOf(full, encoderLayers ?? 1, decoderLayers ?? 1) : shapeOf(full, 0, layers ?? 1)
}

function writeByteTokenizer({shape}: BuildPlan, folder: string): readonly string[] {
  const files = byteTokenizerFiles(shape.contextLength, shape.encoderLayers > 0 ? 'right' : 'left')
  for (const [name, content] of files)
    writeFileSync(join(folder, name), `${JSON.stringify(content, null, 2)}\n`)
  return [...files.keys()]
}
