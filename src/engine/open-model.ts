import {SlmError} from '../errors.ts'
import {KEPT_POSITIONS} from '../onnx/rewrite/keep-logits.ts'
import {positionElements} from './cache-layout.ts'
import {type CheckpointConfig, readCheckpointConfig} from './checkpoint-config.ts'
import {architectureOf, findCheckpointFiles, type GraphFiles, graphPaths} from './checkpoint-files.ts'
import {chooseDtype} from './choose-dtype.ts'
import {type DecoderOnlyGraph, prefillDecoderOnly, type RowLayout} from './decoder-only.ts'
import {
  attentionWindow,
  type DeltaProof,
  PROOF_PREFIX,
  PROOF_SLOTS,
  proveDelta,
  provePrefix,
} from './delta-proof.ts'
import {prefillDelta} from './delta-state.ts'
import {shortestEncoding} from './encode-prompts.ts'
import {prefillEncoderDecoder} from './encoder-decoder.ts'
import type {EncoderDecoderGraph} from './encoder-decoder-graph.ts'
import {encoderSignature} from './encoder-signature.ts'
import {digestFiles} from './file-digest.ts'
import {
  type CacheEntry,
  cacheOutputs,
  type DecoderSignature,
  decoderSignature,
  tensors,
} from './graph-signature.ts'
import {type DeltaWish, type PreparedGraph, prepareGraph} from './graph-source.ts'
import {halfTable} from './half.ts'
import type {DecoderState, Dtype, LanguageModel, ModelFacts} from './language-model.ts'
import {cacheSizes, contextLength, vocabularySize, windowOutsideGraph} from './model-sizes.ts'
import {prefillWithoutCache} from './recomputed-decoder.ts'
import {chooseLayout, proveBatch, withNote} from './row-layout.ts'
import {runtimeMessage} from './runtime-message.ts'
import {defaultThreads, deviceNamed, type OpenSession, openSession} from './session.ts'
import {PrefixCache} from './shared-prefix.ts'
import {specialTokens} from './special-tokens.ts'

export interface OpenModelOptions {
  /** A folder that exists. */
  readonly folder: string
  /** As the user named the model. */
  readonly name: string
  readonly dtype?: Dtype | undefined
  /** Name of an execution provider; `cpu` when absent. */
  readonly device?: string | undefined
  readonly threads?: number | undefined
  /** What can be promised about batches: MatMulNBits in float, dynamic int8 one unpadded row at a time. */
  readonly exact?: boolean | undefined
  /** False leaves a decoder's cache as its file has it, copied at each step; for comparison. Default true: in place where proven. */
  readonly cacheInPlace?: boolean | undefined
  /**
   * Decoder-only: prompts start after the prefix that they share with one that ran before. Where the numbers of a file depend
   * on the batch they then depend on what ran before as well. Default: true where they do not.
   */
  readonly prefixCache?: boolean | undefined
  /** sha256 over the files where it is known already; they are hashed when absent. */
  readonly digest?: string | undefined
}

/**
 * Opens a checkpoint folder in any supported layout and proves on a short prompt that its cache works.
 * Errors: SlmError, naming the file, input or token that is missing or not supported.
 */
export async function openModel(options: OpenModelOptions): Promise<LanguageModel> {
  const config = await readCheckpointConfig(options.folder)
  const model = await openAs(options, config, deltaWish(options, config))
  if (!('why' in model)) return model
  const without = await openAs(options, config, {kind: 'off', why: model.why})
  if ('why' in without) throw new Error('a graph as it is in its file has nothing to prove')
  return without
}

function deltaWish(options: OpenModelOptions, config: CheckpointConfig): DeltaWish {
  if (options.cacheInPlace === false) return {kind: 'none'}
  const device = options.device ?? 'cpu'
  if (device !== 'cpu') return {kind: 'off', why: `a cache in place was not tried on "${device}"`}
  const window = attentionWindow(config, contextLength(config))
  return window === undefined ? {kind: 'try'} : {kind: 'off', why: window}
}

/** The opened model, or why the graph cannot be rewritten as `wish` has it. */
async function openAs(
  options: OpenModelOptions,
  config: CheckpointConfig,
  wish: DeltaWish,
): Promise<LanguageModel | Refused> {
  const {folder} = options
  const files = await findCheckpointFiles(folder, config)
  const dtype = chooseDtype(folder, files, config, options.dtype)
  const graphs = files.byDtype.get(dtype)!
  const exact = options.exact ?? false
  const keepLogits = graphs.kind === 'decoder'
  const delta: DeltaWish = keepLogits ? wish : {kind: 'none'}
  const device = deviceNamed(options.device ?? 'cpu')
  const mapsWeights = device === 'cpu'
  const prepared = graphPaths(graphs).map((file) =>
    prepareGraph(file, {exact, keepLogits, delta, mapsWeights}),
  )
  const digest =
    options.digest ??
    (await digestFiles([...graphPaths(graphs), ...prepared.flatMap((graph) => graph.weights)]))
  const sessionOptions = {device, threads: options.threads}
  const sessions: OpenSession[] = []
  try {
    for (const graph of prepared) sessions.push(await openSession(graph.source, sessionOptions))
    const parts = {options, config, dtype, graphs, prepared, sessions, digest}
    const model =
      architectureOf(graphs) === 'dec-only' ? await decoderOnlyModel(parts) : await encoderDecoderModel(parts)
    if ('why' in model) for (const session of sessions) await session.close()
    return model
  } catch (error) {
    for (const session of sessions) await session.close()
    // Whether the rewritten graph or the file is at fault shows when the file is opened as it is.
    if (!prepared.some((graph) => graph.hasDeltaCache)) throw error
    return {kind: 'refused', why: `the rewritten graph cannot be opened: ${runtimeMessage(error)}`}
  }
}

type Refused = Extract<DeltaProof, {kind: 'refused'}>

interface Parts {
  readonly options: OpenModelOptions
  readonly config: CheckpointConfig
  readonly dtype: Dtype
  readonly graphs: GraphFiles
  readonly prepared: readonly PreparedGraph[]
  readonly sessions: readonly OpenSession[]
  readonly digest: string
}

async function decoderOnlyModel(parts: Parts): Promise<LanguageModel | Refused> {
  const {sessions, config, prepared} = parts
  const first = sessions[0]!
  const next = sessions.at(-1)!
  const read = (session: OpenSession) =>
    decoderSignature(session.file, session.session, KEPT_POSITIONS, cacheSizes(config))
  const signature = read(next)
  const firstSignature = read(first)
  requireNoEncoder(first.file, firstSignature)
  cacheOutputs(first.file, first.session, signature.cache)
  requireCache(next.file, signature.cache.length)
  const facts = modelFacts(parts, signature.cache)
  const base = {
    first,
    next,
    signature,
    firstSignature,
    pad: facts.tokens.pad ?? facts.tokens.end[0]!,
    half: halfTable(),
  }
  const model = (layout: RowLayout): LanguageModel => {
    // One object for all states of the model: states know by it that they may join.
    const graph: DecoderOnlyGraph = {...base, layout}
    return languageModel(parts, facts, (prompts) => prefillDecoderOnly(graph, prompts))
  }
  if (first.file === next.file && prepared[0]!.hasDeltaCache) {
    const graph: DecoderOnlyGraph = {...base, layout: {side: 'left', shifts: true}}
    const inPlace = (how: {spareSlots?: number; prefixes?: PrefixCache} = {}): LanguageModel =>
      languageModel(parts, facts, (prompts) => prefillDelta(graph, prompts, how))
    const proof = await proveDelta(inPlace(), inPlace({spareSlots: PROOF_SLOTS}))
    if (proof.kind === 'refused') return proof
    const noted = (model: LanguageModel): LanguageModel => withNote(model, proof.note)
    const isWanted = parts.options.prefixCache ?? facts.batching.kind === 'exact'
    if (!isWanted || facts.maxRows === 1) return noted(inPlace())
    const shared = await provePrefix(
      inPlace(),
      inPlace({prefixes: new PrefixCache(signature.cache, PROOF_PREFIX)}),
    )
    return shared.kind === 'refused'
      ? withNote(noted(inPlace()), `shared prefixes of prompts are computed anew: ${shared.why}`)
      : withNote(noted(inPlace({prefixes: new PrefixCache(signature.cache)})), shared.note)
  }
  const usesRowLengths = prepared.some((graph) => graph.operators.has('GroupQueryAttention'))
  return chooseLayout(model, {
    preferred: usesRowLengths ? 'right' : 'left',
    hasPositions: signature.positionIds !== undefined,
  })
}

async function encoderDecoderModel(parts: Parts): Promise<LanguageModel> {
  const {sessions, config, graphs} = parts
  const [encoder, first] = sessions
  const next = sessions.at(-1)!
  const read = (session: OpenSession) =>
    decoderSignature(session.file, session.session, KEPT_POSITIONS, cacheSizes(config))
  const signature = read(next)
  requireCache(next.file, signature.cache.length)
  const firstSignature = graphs.kind === 'encoder-merged' ? signature : read(first!)
  cacheOutputs(first!.file, first!.session, signature.cache)
  const facts = modelFacts(parts, signature.cache)
  const unproved: Omit<EncoderDecoderGraph, 'shortest'> = {
    encoder: encoder!,
    encoderSignature: encoderSignature(encoder!.file, encoder!.session),
    first: first!,
    firstSignature,
    next,
    signature,
    startToken: facts.tokens.decoderStart!,
    pad: facts.tokens.pad ?? facts.tokens.end[0]!,
    half: halfTable(),
  }
  const shortest = await shortestEncoding(unproved)
  const graph: EncoderDecoderGraph = {...unproved, shortest}
  const notes = shortest === 1 ? [] : [`the encoder runs on no less than ${shortest} tokens: padded to that`]
  const withoutCache = (prompts: readonly (readonly number[])[]): Promise<DecoderState> =>
    prefillWithoutCache(graph, prompts)
  const proven = await proveBatch(
    languageModel(parts, {...facts, notes: [...facts.notes, ...notes]}, (prompts) =>
      prefillEncoderDecoder(graph, prompts),
    ),
    async (prompt, next) => {
      const state = await withoutCache([prompt])
      await state.step(Int32Array.of(next))
      return state.logits
    },
  )
  return {...proven, prefillWithoutCache: withoutCache}
}

function languageModel(
  parts: Parts,
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
    computeMs: () => parts.sessions.reduce((sum, session) => sum + session.computeMs(), 0),
    close: async () => {
      for (const session of parts.sessions) await session.close()
    },
  }
}

function modelFacts(parts: Parts, cache: readonly CacheEntry[]): ModelFacts {
  const {options, config, prepared, sessions} = parts
  const architecture = architectureOf(parts.graphs)
  const logits = tensors(sessions.at(-1)!.session.outputMetadata).get('logits')
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

/** A decoder that attends to an encoder is of no use without one. */
function requireNoEncoder(file: string, signature: DecoderSignature): void {
  const wanted = signature.encoderMask ?? signature.hiddenStates?.name
  if (wanted === undefined) return
  throw new SlmError(
    'model-file-missing',
    `${file} takes "${wanted}", but the folder has no encoder_model.onnx`,
    {
      hint: 'Copy the encoder that was exported with this decoder into the same folder.',
    },
  )
}

function requireCache(file: string, entries: number): void {
  if (entries > 0) return
  throw new SlmError(
    'graph-not-supported',
    `${file}: the graph takes no past key values, so every token would run the whole text again`,
    {
      hint: 'Export with past: --task text-generation-with-past or text2text-generation-with-past.',
    },
  )
}
