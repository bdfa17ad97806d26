import {dirname} from 'node:path'
import {SlmError} from '../errors.ts'
import {readWholeFile} from '../onnx/read/file.ts'
import {graphFacts} from '../onnx/read/graph-facts.ts'
import {readModel} from '../onnx/read/model.ts'
import {graphWithWeightsInFile} from '../onnx/read/weights-in-file.ts'
import {setAccuracyLevel} from '../onnx/rewrite/accuracy-level.ts'
import {type DeltaCache, deltaCache} from '../onnx/rewrite/delta-cache.ts'
import {withFullLengthCache} from '../onnx/rewrite/full-length-cache.ts'
import {keepLogitsAt} from '../onnx/rewrite/keep-logits.ts'
import {insideFolder} from './inside-folder.ts'
import {refusePointer} from './refuse-pointer.ts'
import type {GraphSource} from './session.ts'

/** A graph read before it is opened: what it computes with, and the form in which to open it. */
export interface PreparedGraph {
  readonly source: GraphSource
  readonly operators: ReadonlyMap<string, number>
  /** Why the numbers of a row can depend on the rows beside it; undefined when they cannot. */
  readonly inexact: string | undefined
  /** True when even a single row must not be padded (one scale for the whole tensor). */
  readonly mustNotPad: boolean
  readonly hasNarrowWeights: boolean
  /** Weight files, absolute. */
  readonly weights: readonly string[]
  /** True when the graph gives back keys and values of new positions only. */
  readonly hasDeltaCache: boolean
  /** What was rewritten, or why not. */
  readonly notes: readonly string[]
}

/** Whether keys and values shall stay in place between steps: not asked for, to be tried, or known not to work. */
export type DeltaWish =
  | {readonly kind: 'none'}
  | {readonly kind: 'try'}
  | {readonly kind: 'off'; readonly why: string}

/**
 * Reads a graph and rewrites it for its use: under `exact` MatMulNBits computes in float (accuracy level 0); a
 * decoder-only graph gives logits only where they are asked for, and new keys and values only.
 */
export function prepareGraph(
  file: string,
  options: {
    readonly exact: boolean
    readonly keepLogits: boolean
    readonly delta: DeltaWish
    /** Weights inside the file are mapped where they lie, not read into memory first. */
    readonly mapsWeights: boolean
  },
): PreparedGraph {
  const mapped = options.mapsWeights ? graphWithWeightsInFile(file) : undefined
  const original = mapped?.bytes ?? readGraphBytes(file)
  refusePointer(file, original)
  const facts = graphFacts(readGraphModel(file, original))
  const notes: string[] = []
  let bytes: Uint8Array = original
  if (facts.operators.has('GroupQueryAttention')) {
    bytes = withFullLengthCache(original)
    if (bytes !== original) notes.push('window-sized caches opened at full length; the window holds')
  }
  const hasRoundedActivations = facts.matMulNBitsLevels.some((level) => level === 4)
  if (options.exact && hasRoundedActivations) {
    bytes = setAccuracyLevel(bytes, 0)
    notes.push('MatMulNBits set to accuracy level 0 at load (--exact)')
  }
  // With dynamic scales fewer positions would mean other numbers than the file's own.
  if (options.keepLogits && !facts.hasDynamicQuantize) {
    const kept = keepLogitsAt(bytes)
    if (kept.kind === 'rewritten') bytes = kept.model
    else notes.push(`logits of all prompt positions are computed: ${kept.why}`)
  }
  const mustComputeAsFile = options.exact && facts.hasDynamicQuantize
  const delta = wishedDelta(bytes, mustComputeAsFile ? AS_FILE : options.delta)
  if (delta.kind === 'rewritten') bytes = delta.model
  else if (options.delta.kind !== 'none') notes.push(`the cache is copied at each step: ${delta.why}`)
  const folder = dirname(file)
  const isAsFile = bytes === original && mapped === undefined
  return {
    source: isAsFile
      ? {kind: 'file', file}
      : {kind: 'bytes', file, bytes, weightsFolder: mapped?.folder ?? folder},
    operators: facts.operators,
    inexact: inexactReason(facts.hasDynamicQuantize, hasRoundedActivations && !options.exact),
    mustNotPad: facts.hasDynamicQuantize,
    hasNarrowWeights: facts.matMulNBitsLevels.length > 0,
    weights: mapped === undefined ? facts.externalFiles.map((name) => insideFolder(folder, name, file)) : [],
    hasDeltaCache: delta.kind === 'rewritten',
    notes,
  }
}

/** Rounded activations turn another order of sums into another number, however exact the rest is. */
const AS_FILE: DeltaWish = {kind: 'off', why: 'dynamic int8 computes as its file does (--exact)'}

function wishedDelta(bytes: Uint8Array, wish: DeltaWish): DeltaCache {
  return wish.kind === 'try'
    ? deltaCache(bytes)
    : {kind: 'unchanged', why: wish.kind === 'off' ? wish.why : ''}
}

/** Why a row's numbers can depend on the rows beside it; undefined when they cannot. */
export function inexactReason(
  hasDynamicQuantize: boolean,
  hasRoundedActivations: boolean,
): string | undefined {
  if (hasDynamicQuantize)
    return 'dynamic int8: one activation scale for the whole batch, so a row depends on the rows and padding beside it'
  if (hasRoundedActivations)
    return 'MatMulNBits at accuracy level 4 rounds activations to int8, so summation order (batch, padding) can change a token'
  return undefined
}

function readGraphBytes(file: string): Uint8Array {
  try {
    return readWholeFile(file)
  } catch (cause) {
    if (cause instanceof SlmError) throw cause
    throw new SlmError('model-file-missing', `${file} cannot be read`, {cause})
  }
}

function readGraphModel(file: string, bytes: Uint8Array): ReturnType<typeof readModel> {
  try {
    return readModel(bytes)
  } catch (cause) {
    if (!(cause instanceof SlmError)) throw cause
    throw new SlmError('graph-broken', `${file}: ${cause.message}`, {
      hint: 'The file may be cut off, or a Git LFS pointer.',
      cause,
    })
  }
}
