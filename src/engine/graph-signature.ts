import type {InferenceSession} from 'onnxruntime-node'
import {SlmError} from '../errors.ts'
import {type CacheLayout, type CacheSizes, cacheLayout} from './cache-layout.ts'

/** Element types of keys, values and hidden states that are carried between steps. */
export type FloatType = 'float32' | 'float16'

/** One tensor of keys, of values or of both that goes in as past and comes out as present. */
export interface CacheEntry {
  readonly past: string
  readonly present: string
  /** `self`: grows by one position a step; `cross`: the encoder's keys and values, fixed. */
  readonly scope: 'self' | 'cross'
  readonly type: FloatType
  readonly layout: CacheLayout
}

/** The inputs of a decoder graph by what they are for, read from their names; undefined: the graph does not take it. */
export interface DecoderSignature {
  readonly ids: string
  readonly attentionMask: string | undefined
  readonly encoderMask: string | undefined
  /** Segments of BERT's kind; all tokens are in the first one. */
  readonly tokenTypeIds: string | undefined
  readonly hiddenStates: {readonly name: string; readonly type: FloatType} | undefined
  readonly positionIds: string | undefined
  readonly cachePosition: string | undefined
  readonly useCacheBranch: string | undefined
  readonly logitsToKeep: string | undefined
  readonly lastPositions: string | undefined
  readonly integer: 'int64' | 'int32'
  readonly cache: readonly CacheEntry[]
  readonly logits: string
}

type Meta = InferenceSession.TensorValueMetadata

const PAST = /^(?:past_key_values|past)\.(\d+)\.(?:(decoder|encoder|self|cross)\.)?(key_value|key|value)$/

/**
 * Reads a decoder graph by its inputs' names and shapes; a family's name decides nothing.
 * Errors: `graph-not-supported`, naming the input that is not known.
 */
export function decoderSignature(
  file: string,
  session: Pick<InferenceSession, 'inputMetadata' | 'outputMetadata'>,
  lastPositions: string,
  sizes: CacheSizes,
): DecoderSignature {
  const inputs = tensors(session.inputMetadata)
  const outputs = tensors(session.outputMetadata)
  const known = {
    ids: 'input_ids',
    attentionMask: 'attention_mask',
    encoderMask: 'encoder_attention_mask',
    tokenTypeIds: 'token_type_ids',
    hidden: 'encoder_hidden_states',
    positionIds: 'position_ids',
    cachePosition: 'cache_position',
    useCacheBranch: 'use_cache_branch',
    logitsToKeep: 'num_logits_to_keep',
  }
  const cache: CacheEntry[] = []
  for (const [name, meta] of inputs) {
    const match = PAST.exec(name)
    if (match) cache.push(cacheEntry(file, name, match, meta, outputs, sizes))
    else if (!Object.values(known).includes(name) && name !== lastPositions) {
      throw new SlmError(
        'graph-not-supported',
        `${file}: the graph takes an input "${name}" that slm does not know`,
        {
          hint: `Known are: ${Object.values(known).join(', ')}, past_key_values.*. Export the model for text generation with past key values.`,
        },
      )
    }
  }
  const ids = inputs.get(known.ids)
  if (ids === undefined || !outputs.has('logits')) {
    throw new SlmError(
      'graph-not-supported',
      `${file}: the graph has no ${ids === undefined ? 'input "input_ids"' : 'output "logits"'}`,
    )
  }
  const has = (name: string): string | undefined => (inputs.has(name) ? name : undefined)
  const hidden = inputs.get(known.hidden)
  return {
    ids: known.ids,
    attentionMask: has(known.attentionMask),
    encoderMask: has(known.encoderMask),
    tokenTypeIds: has(known.tokenTypeIds),
    hiddenStates:
      hidden === undefined ? undefined : {name: known.hidden, type: floatType(file, known.hidden, hidden)},
    positionIds: has(known.positionIds),
    cachePosition: has(known.cachePosition),
    useCacheBranch: has(known.useCacheBranch),
    logitsToKeep: has(known.logitsToKeep),
    lastPositions: has(lastPositions),
    integer: ids.type === 'int32' ? 'int32' : 'int64',
    cache,
    logits: 'logits',
  }
}

/** The present outputs of a graph that takes no past (the first decoder of a split export), matched to the next graph's past inputs. */
export function cacheOutputs(
  file: string,
  session: Pick<InferenceSession, 'outputNames'>,
  cache: readonly CacheEntry[],
): void {
  const missing = cache.find((entry) => !session.outputNames.includes(entry.present))
  if (missing) {
    throw new SlmError(
      'graph-not-supported',
      `${file}: the graph does not give "${missing.present}", which the next step needs`,
      {
        hint: 'Export both decoders in one run, with past key values.',
      },
    )
  }
}

export function tensors(metadata: readonly InferenceSession.ValueMetadata[]): Map<string, Meta> {
  return new Map(metadata.flatMap((meta) => (meta.isTensor ? [[meta.name, meta] as const] : [])))
}

export function floatType(file: string, name: string, meta: Meta): FloatType {
  if (meta.type === 'float32' || meta.type === 'float16') return meta.type
  throw new SlmError(
    'graph-not-supported',
    `${file}: "${name}" has element type ${meta.type}; float32 and float16 are supported`,
  )
}

function cacheEntry(
  file: string,
  name: string,
  match: RegExpExecArray,
  meta: Meta,
  outputs: ReadonlyMap<string, Meta>,
  sizes: CacheSizes,
): CacheEntry {
  const [, layer, scopeName, part] = match
  const middle = scopeName === undefined ? '' : `${scopeName}.`
  const scope = scopeName === 'encoder' || scopeName === 'cross' ? 'cross' : 'self'
  const present = [`present.${layer}.${middle}${part}`, `present_key_values.${layer}.${middle}${part}`].find(
    (each) => outputs.has(each),
  )
  // A graph with past may leave out the encoder's keys and values: they do not change.
  if (present === undefined && scope === 'self') {
    throw new SlmError('graph-not-supported', `${file}: "${name}" has no matching present output`)
  }
  const out = present === undefined ? undefined : outputs.get(present)
  const layout = cacheLayout(meta.shape, out?.shape, sizes)
  if (layout === undefined) {
    throw new SlmError(
      'graph-not-supported',
      `${file}: "${name}" has the dimensions (${meta.shape.join(', ')}), of which slm cannot tell rows, heads, length and head size`,
      {
        hint: 'Where a number is missing, add num_key_value_heads and head_dim to config.json; else export the model again with named dimensions.',
      },
    )
  }
  return {
    past: name,
    present: present ?? `present.${layer}.${middle}${part}`,
    scope,
    type: floatType(file, name, meta),
    layout,
  }
}
