import {dirname} from 'node:path'
import {readWholeFile} from '../onnx/read/file.ts'
import {crossKeysGraph} from '../onnx/rewrite/cross-keys.ts'
import {KEPT_POSITIONS} from '../onnx/rewrite/keep-logits.ts'
import type {Refused} from './delta-proof.ts'
import {shortestEncoding} from './encode-prompts.ts'
import {prefillEncoderDecoder} from './encoder-decoder.ts'
import type {EncoderDecoderGraph, EncoderGraph, UncachedGraph} from './encoder-decoder-graph.ts'
import {encoderSignature} from './encoder-signature.ts'
import {cacheOutputs, type DecoderSignature, decoderSignature} from './graph-signature.ts'
import {halfTable} from './half.ts'
import type {DecoderState, LanguageModel} from './language-model.ts'
import {languageModel, type ModelParts, modelFacts, requireCache} from './model-parts.ts'
import {cacheSizes} from './model-sizes.ts'
import {prefillWithoutCache} from './recomputed-decoder.ts'
import {proveBatch, withNote} from './row-layout.ts'
import {runtimeMessage} from './runtime-message.ts'
import {stepProbe, type WithoutCache} from './self-test.ts'
import type {GraphSource, OpenSession} from './session.ts'

/**
 * An encoder-decoder model. Two files that hold one decoder, with and without a past, are opened on the CPU so that its
 * weights are in memory once, where that is possible and proven; else as they are, and a note says why.
 */
export async function encoderDecoderModel(parts: ModelParts): Promise<LanguageModel> {
  const {options, graphs, sessions} = parts
  const isTwice = graphs.kind === 'encoder-split' && (options.device ?? 'cpu') === 'cpu'
  if (!isTwice || options.asInFile === true) return asInFile(parts)
  let why: string
  try {
    const model = await withWeightsOnce(parts)
    if (!('why' in model)) return model
    ;({why} = model)
  } catch (cause) {
    why = runtimeMessage(cause)
  }
  await sessions.close()
  return withNote(await asInFile(parts), `the decoder's weights are in memory twice: ${why}`)
}

async function asInFile(parts: ModelParts): Promise<LanguageModel> {
  const {sessions, prepared} = parts
  const encoder = await openEncoder(parts)
  const first = await sessions.open(prepared[1]!.source)
  const next = isMerged(parts) ? first : await sessions.open(prepared.at(-1)!.source)
  const uncached = await uncachedGraph(parts, encoder, first)
  const signature = next === first ? uncached.firstSignature : readSignature(parts, next)
  requireCache(next.file, signature.cache.length)
  cacheOutputs(first.file, first.session, signature.cache)
  const graph: EncoderDecoderGraph = {...uncached, crossKeys: undefined, next, signature}
  return proven(parts, graph, (prompt, next) => recomputed(graph, prompt, next), 'file')
}

/**
 * One graph for the encoder's keys and values alone, and the step's graph, from an empty past on. What the decoder without a
 * past gives proves it; that goes first and is closed, so that no more weights are in memory at any time.
 */
async function withWeightsOnce(parts: ModelParts): Promise<LanguageModel | Refused> {
  const {sessions, prepared} = parts
  const source = prepared[1]!.source
  const encoder = await openEncoder(parts)
  const first = await sessions.open(source)
  const uncached = await uncachedGraph(parts, encoder, first)
  const {hiddenStates} = uncached.firstSignature
  if (hiddenStates === undefined) return {kind: 'refused', why: 'the first graph reads no encoder output'}
  const keys = crossKeysSource(source, hiddenStates.name)
  if ('why' in keys) return keys
  const {prompt, next: token} = stepProbe({facts: modelFacts(parts, first, [])})
  const expected = await recomputed(uncached, prompt, token)
  await sessions.closeOne(first)
  const crossKeys = await sessions.open(keys)
  const next = await sessions.open(prepared.at(-1)!.source)
  const signature = readSignature(parts, next)
  requireCache(next.file, signature.cache.length)
  cacheOutputs(
    crossKeys.file,
    crossKeys.session,
    signature.cache.filter(({scope}) => scope === 'cross'),
  )
  const graph: EncoderDecoderGraph = {
    ...uncached,
    first: onDemand(parts, source),
    crossKeys,
    next,
    signature,
  }
  return proven(parts, graph, async () => expected, 'rewrite')
}

function crossKeysSource(first: GraphSource, states: string): GraphSource | Refused {
  const bytes = first.kind === 'bytes' ? first.bytes : readWholeFile(first.file)
  const keys = crossKeysGraph(bytes, states)
  if (keys.kind === 'unchanged') return {kind: 'refused', why: keys.why}
  const weightsFolder = first.kind === 'bytes' ? first.weightsFolder : dirname(first.file)
  return {kind: 'bytes', file: first.file, bytes: keys.model, weightsFolder}
}

function isMerged({graphs}: ModelParts): boolean {
  return graphs.kind === 'encoder-merged'
}

function readSignature({config}: ModelParts, session: OpenSession): DecoderSignature {
  return decoderSignature(session.file, session.session, KEPT_POSITIONS, cacheSizes(config))
}

async function openEncoder({
  sessions,
  prepared,
}: ModelParts): Promise<Pick<EncoderGraph, 'encoder' | 'encoderSignature'>> {
  const encoder = await sessions.open(prepared[0]!.source)
  return {encoder, encoderSignature: encoderSignature(encoder.file, encoder.session)}
}

async function uncachedGraph(
  parts: ModelParts,
  encoder: Pick<EncoderGraph, 'encoder' | 'encoderSignature'>,
  first: OpenSession,
): Promise<UncachedGraph> {
  const {tokens} = modelFacts(parts, first, [])
  const unproved = {...encoder, pad: tokens.pad ?? tokens.end[0]!}
  return {
    ...unproved,
    shortest: await shortestEncoding(unproved),
    first: async () => first,
    firstSignature: readSignature(parts, first),
    startToken: tokens.decoderStart!,
    half: halfTable(),
  }
}

/** Logits, (vocabulary), after the start token and `next`. */
async function recomputed(
  graph: UncachedGraph,
  prompt: readonly number[],
  next: number,
): Promise<Float32Array> {
  const state = await prefillWithoutCache(graph, [prompt])
  await state.step(Int32Array.of(next))
  return state.logits
}

/** Opened by the first who decodes without a cache. */
function onDemand({sessions}: ModelParts, source: GraphSource): () => Promise<OpenSession> {
  let opened: Promise<OpenSession> | undefined
  return () => {
    opened ??= sessions.open(source)
    return opened
  }
}

async function proven(
  parts: ModelParts,
  graph: EncoderDecoderGraph,
  withoutCache: WithoutCache,
  trust: 'file' | 'rewrite',
): Promise<LanguageModel> {
  const facts = modelFacts(parts, graph.next, graph.signature.cache)
  const notes =
    graph.shortest === 1 ? [] : [`the encoder runs on no less than ${graph.shortest} tokens: padded to that`]
  const model = languageModel(parts, {...facts, notes: [...facts.notes, ...notes]}, (prompts) =>
    prefillEncoderDecoder(graph, prompts),
  )
  const uncached = (prompts: readonly (readonly number[])[]): Promise<DecoderState> =>
    prefillWithoutCache(graph, prompts)
  return {...(await proveBatch(model, withoutCache, trust)), prefillWithoutCache: uncached}
}
