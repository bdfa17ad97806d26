import {SlmError} from '../errors.ts'
import {positionElements} from './cache-layout.ts'
import type {CheckpointConfig} from './checkpoint-config.ts'
import {architectureOf, type GraphFiles} from './checkpoint-files.ts'
import {type CacheEntry, tensors} from './graph-signature.ts'
import type {PreparedGraph} from './graph-source.ts'
import type {DecoderState, Dtype, LanguageModel, ModelFacts} from './language-model.ts'
import type {ModelSessions} from './model-sessions.ts'
import {contextLength, vocabularySize, windowOutsideGraph} from './model-sizes.ts'
import type {OpenModelOptions} from './open-options.ts'
import {defaultThreads, type OpenSession} from './session.ts'
import {specialTokens} from './special-tokens.ts'

/** What a model is made of, for the two architectures to put together. */
export interface ModelParts {
  readonly options: OpenModelOptions
  readonly config: CheckpointConfig
  readonly dtype: Dtype
  readonly graphs: GraphFiles
  readonly prepared: readonly PreparedGraph[]
  /** sha256 over graphs and weights. */
  readonly digest: string
  readonly sessions: ModelSessions
}

export function languageModel(
  parts: ModelParts,
  facts: ModelFacts,
  run: (prompts: readonly (readonly number[])[]) => Promise<DecoderState>,
): LanguageModel {
  return {
    facts,
    prefill: (prompts) => {
      if (prompts.some((prompt) => prompt.length === 0))
        throw new SlmError('prompt-empty', 'a prompt has no tokens')
      return run(prompts)
    },
    computeMs: () => parts.sessions.computeMs(),
    close: () => parts.sessions.close(),
  }
}

/** `decoder` makes the logits; `cache` are its entries. */
export function modelFacts(
  parts: ModelParts,
  decoder: OpenSession,
  cache: readonly CacheEntry[],
): ModelFacts {
  const {options, config, prepared} = parts
  const architecture = architectureOf(parts.graphs)
  const logits = tensors(decoder.session.outputMetadata).get('logits')
  const size = logits?.shape.at(-1)
  const vocabulary = typeof size === 'number' ? size : vocabularySize(config)
  if (vocabulary === undefined)
    throw new SlmError(
      'vocabulary-unknown',
      `${options.folder}: neither the graph nor config.json names the vocabulary's size`,
    )
  const inexact = prepared.map((graph) => graph.inexact).find((why) => why !== undefined)
  const window = windowOutsideGraph(config)
  const oneRow = (options.exact ?? false) && prepared.some((graph) => graph.mustNotPad)
  const bytes = cache.reduce(
    (sum, {layout, type}) => sum + positionElements(layout) * (type === 'float16' ? 2 : 4),
    0,
  )
  return {
    name: options.name,
    architecture,
    // A name without a suffix says nothing of what the file holds.
    dtype: parts.dtype === 'fp32' ? heldDtype(prepared, cache) : parts.dtype,
    vocabulary,
    tokens: specialTokens(options.folder, config, architecture),
    contextLength: contextLength(config),
    digest: parts.digest,
    batching: inexact === undefined || oneRow ? {kind: 'exact'} : {kind: 'inexact', why: inexact},
    device: options.device ?? 'cpu',
    threads: options.threads ?? defaultThreads(),
    notes: [
      ...new Set(prepared.flatMap((graph) => graph.notes)),
      ...(window === undefined
        ? []
        : [`the graph has no attention window: at most ${window} tokens, the window of genai_config.json`]),
      ...(oneRow ? ['rows run alone and unpadded (--exact on dynamic int8)'] : []),
    ],
    maxRows: oneRow ? 1 : undefined,
    cacheBytesPerToken: bytes,
  }
}

function heldDtype(prepared: readonly PreparedGraph[], cache: readonly {readonly type: string}[]): Dtype {
  if (prepared.some((graph) => graph.mustNotPad)) return 'q8'
  const isHalf = cache.some(({type}) => type === 'float16')
  if (prepared.some((graph) => graph.hasNarrowWeights)) return isHalf ? 'q4f16' : 'q4'
  return isHalf ? 'fp16' : 'fp32'
}

export function requireCache(file: string, entries: number): void {
  if (entries > 0) return
  throw new SlmError(
    'graph-not-supported',
    `${file}: the graph takes no past key values, so every token would run the whole text again`,
    {
      hint: 'Export with past: --task text-generation-with-past or text2text-generation-with-past.',
    },
  )
}
