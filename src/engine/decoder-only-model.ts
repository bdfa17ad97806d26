import {SlmError} from '../errors.ts'
import {KEPT_POSITIONS} from '../onnx/rewrite/keep-logits.ts'
import {type DecoderOnlyGraph, prefillDecoderOnly, type RowLayout} from './decoder-only.ts'
import {PROOF_PREFIX, PROOF_SLOTS, proveDelta, provePrefix, type Refused} from './delta-proof.ts'
import {prefillDelta} from './delta-state.ts'
import {cacheOutputs, type DecoderSignature, decoderSignature} from './graph-signature.ts'
import {halfTable} from './half.ts'
import type {LanguageModel} from './language-model.ts'
import {languageModel, type ModelParts, modelFacts, requireCache} from './model-parts.ts'
import {cacheSizes} from './model-sizes.ts'
import {chooseLayout, withNote} from './row-layout.ts'
import type {OpenSession} from './session.ts'
import {PrefixCache} from './shared-prefix.ts'

/** A decoder-only model: one graph, or one for the prompt and one for the steps. */
export async function decoderOnlyModel(parts: ModelParts): Promise<LanguageModel | Refused> {
  const {sessions, config, prepared} = parts
  const first = await sessions.open(prepared[0]!.source)
  const next = prepared.length === 1 ? first : await sessions.open(prepared.at(-1)!.source)
  const read = (session: OpenSession) =>
    decoderSignature(session.file, session.session, KEPT_POSITIONS, cacheSizes(config))
  const signature = read(next)
  const firstSignature = read(first)
  requireNoEncoder(first.file, firstSignature)
  cacheOutputs(first.file, first.session, signature.cache)
  requireCache(next.file, signature.cache.length)
  const facts = modelFacts(parts, next, signature.cache)
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
