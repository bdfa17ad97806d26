import {SlmError} from '../../errors.ts'
import {type NetworkShape, networkTensors} from '../network/shape.ts'
import type {WeightSource} from '../network/weight-source.ts'
import type {StateDict, StoredTensor} from './state-dict.ts'

/** The names of the paper's weights that make up one of ours, one below the other. */
type Parts = readonly string[]

/** What a state dict may hold beside weights: the tied head, and tables that the code computes. */
const NOT_WEIGHTS = /^lm_head\.weight$|\.(inv_freq|cos|sin|cos_cached|sin_cached|mask|tril)$/

/** Whether the paper's linear layers have biases in this file. */
export function hasMuBiases(weights: StateDict): boolean {
  return weights.has('transformer.e.0.attn.q_linear.bias')
}

/**
 * The paper's weights under our names. Query heads are reordered so that heads that read one key head stand together:
 * with `isInterleaved` false the paper's head h reads key head h mod keyValueHeads. Missing, foreign or misshapen
 * weights are refused by name before anything is written.
 */
export function muWeights(
  weights: StateDict,
  shape: NetworkShape,
  isInterleaved: boolean,
  path: string,
): WeightSource {
  const dims = new Map(networkTensors(shape).map((tensor) => [tensor.name, tensor.dims]))
  const parts = new Map([...dims.keys()].map((name) => [name, partsOf(name)]))
  check(weights, dims, parts, path)
  const order = headOrder(shape, isInterleaved)
  return (name) => {
    const pieces = (parts.get(name) ?? []).map((part) => {
      const values = tensorOf(weights, part, path).read()
      return part.includes('.q_linear.') ? reorderRows(values, order, shape.headSize) : values
    })
    const joined = join(pieces)
    const isOutput = /\.(attention|cross)\.output\.weight$/.test(name)
    return isOutput ? reorderColumns(joined, order, shape) : joined
  }
}

function partsOf(name: string): Parts {
  if (name === 'embedding') return ['transformer.wte.weight']
  if (name === 'encoder.norm') return ['transformer.ln_e.weight']
  if (name === 'decoder.norm') return ['transformer.ln_f.weight']
  const [stack = '', layer = '', block = '', ...rest] = name.split('.')
  const prefix = `transformer.${stack === 'encoder' ? 'e' : 'h'}.${layer}`
  const [last, kind] = [rest[0] ?? '', rest[1] ?? '']
  const attention = block === 'cross' ? 'cross_attn' : stack === 'encoder' ? 'attn' : 'causal_attn'
  if (last === 'norm') {
    const number = {attention: 1, cross: 2, feed_forward: stack === 'encoder' ? 2 : 3}[block]
    return [`${prefix}.ln${number}.weight`]
  }
  if (block === 'feed_forward') return [`${prefix}.mlp.${last === 'up' ? 'fc1' : 'fc2'}.${kind}`]
  const letters: Readonly<Record<string, readonly string[]>> = {
    query_key_value: ['q', 'k', 'v'],
    key_value: ['k', 'v'],
    query: ['q'],
    output: ['out'],
  }
  return (letters[last] ?? []).map((letter) => `${prefix}.${attention}.${letter}_linear.${kind}`)
}

function check(
  weights: StateDict,
  dims: ReadonlyMap<string, readonly number[]>,
  parts: ReadonlyMap<string, Parts>,
  path: string,
): void {
  for (const [name, [rows = 0, ...rest]] of dims) {
    const tensors = (parts.get(name) ?? []).map((part) => [part, tensorOf(weights, part, path)] as const)
    const found = tensors.reduce((sum, [, tensor]) => sum + (tensor.dims[0] ?? 0), 0)
    const misshapen = tensors.find(([, tensor]) => tensor.dims.slice(1).join() !== rest.join())
    if (misshapen || found !== rows) throw misfit(path, misshapen ?? tensors[0], [rows, ...rest])
  }
  const known = new Set([...parts.values()].flat())
  const foreign = [...weights.keys()].find((name) => !known.has(name) && !NOT_WEIGHTS.test(name))
  if (foreign !== undefined)
    throw new SlmError(
      'weights-foreign',
      `${path}: ${foreign} is no weight of the network that the configuration describes`,
      {
        hint: 'Check the configuration: numbers of layers, biases.',
      },
    )
  const head = weights.get('lm_head.weight')
  if (head && !isEqual(head, tensorOf(weights, 'transformer.wte.weight', path)))
    throw new SlmError(
      'weights-foreign',
      `${path}: lm_head.weight differs from transformer.wte.weight, but the paper ties them`,
    )
}

function misfit(
  path: string,
  found: readonly [string, StoredTensor] | undefined,
  expected: readonly number[],
): SlmError {
  const [name, tensor] = found ?? ['a weight', undefined]
  return new SlmError(
    'weights-misfit',
    `${path}: ${name} has shape (${tensor?.dims.join(', ') ?? ''}), which does not fit the configuration (with its neighbours: ${expected.join(', ')})`,
    {hint: 'Give the configuration that these weights were trained with: --model-config FILE.json'},
  )
}

function tensorOf(weights: StateDict, name: string, path: string): StoredTensor {
  const tensor = weights.get(name)
  if (!tensor)
    throw new SlmError('weights-missing', `${path} lacks the weight ${name}`, {
      hint: "Is this a checkpoint of the paper's network, and the configuration its own?",
    })
  return tensor
}

function isEqual(left: StoredTensor, right: StoredTensor): boolean {
  if (left.dims.join() !== right.dims.join()) return false
  const values = right.read()
  return left.read().every((value, index) => value === values[index])
}

/** Our place p holds the paper's head `order[p]`. */
function headOrder({heads, keyValueHeads}: NetworkShape, isInterleaved: boolean): readonly number[] {
  const group = heads / keyValueHeads
  return Array.from({length: heads}, (_, place) =>
    isInterleaved ? place : (place % group) * keyValueHeads + Math.floor(place / group),
  )
}

/** Moves the rows of each head; `values`: (heads * headSize, anything) or (heads * headSize). */
function reorderRows(values: Float32Array, order: readonly number[], headSize: number): Float32Array {
  const block = values.length / order.length
  const moved = new Float32Array(values.length)
  if (block % headSize !== 0) throw new RangeError('a head has a fraction of a row')
  for (const [place, head] of order.entries())
    moved.set(values.subarray(head * block, (head + 1) * block), place * block)
  return moved
}

/** Moves the columns of each head; `values`: (width, heads * headSize). */
function reorderColumns(values: Float32Array, order: readonly number[], shape: NetworkShape): Float32Array {
  const {headSize} = shape
  const columns = order.length * headSize
  const moved = new Float32Array(values.length)
  for (let row = 0; row < values.length; row += columns)
    for (const [place, head] of order.entries()) {
      const start = row + head * headSize
      moved.set(values.subarray(start, start + headSize), row + place * headSize)
    }
  return moved
}

function join(pieces: readonly Float32Array[]): Float32Array {
  const [only] = pieces
  if (pieces.length === 1 && only) return only
  const joined = new Float32Array(pieces.reduce((sum, {length}) => sum + length, 0))
  let at = 0
  for (const piece of pieces) {
    joined.set(piece, at)
    at += piece.length
  }
  return joined
}
