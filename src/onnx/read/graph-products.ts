import type {Graph, Model, Node} from './model.ts'
import {byteCount, elementCount, type Tensor} from './tensor.ts'

/** What a matrix product with weights is applied to: the tokens of the graph's own ids, or the states that an encoder gave. */
export type Operand = 'tokens' | 'states'

/** One product of activations with a matrix of weights. */
export interface Product {
  readonly operand: Operand
  /** Multiplications for one token: the elements of the matrix. */
  readonly elements: number
  /** Rows and columns of the matrix as it is stored: which of them are the output features, the operator decides. */
  readonly sides: readonly number[]
  /** Everything stored that the product reads, by name: matrix, scales, zero points, bias. */
  readonly weights: readonly Tensor[]
}

/** Operators that multiply by weights, and which inputs may be the matrix. */
const MATRIX_INPUTS: Readonly<Record<string, readonly number[]>> = {
  MatMul: [1, 0],
  Gemm: [1],
  FusedMatMul: [1],
  FusedGemm: [1],
  MatMulInteger: [1],
  MatMulIntegerToFloat: [1],
  DynamicQuantizeMatMul: [1],
  QGemm: [3],
  QLinearMatMul: [3],
  MatMulNBits: [1],
  MatMulBnb4: [1],
  Attention: [1],
  QAttention: [1],
}

/** Smaller constants are rotation frequencies and the like. */
const SMALLEST_MATRIX = 1024

/** What is known of a value: a constant and what it was made of, or what it follows from. */
type Origin =
  | {readonly kind: 'constant'; readonly tensors: readonly Tensor[]}
  | {readonly kind: Operand | 'other'}

const OTHER: Origin = {kind: 'other'}

/**
 * Every product with weights that one run of the graph computes, in the order of its nodes. Of a merged decoder the branch
 * is chosen: `first` has no keys and values yet, `next` has.
 */
export function graphProducts(model: Model, step: 'first' | 'next'): Product[] {
  const origins = new Map<string, Origin>()
  for (const {name} of model.graph.inputs) {
    if (/input_ids|inputs_embeds/.test(name)) origins.set(name, {kind: 'tokens'})
    else if (/encoder_hidden_states|encoder_outputs/.test(name)) origins.set(name, {kind: 'states'})
    else origins.set(name, OTHER)
  }
  const flags = new Set(['use_cache_branch'])
  return walk(model.graph, {origins, flags, step})
}

interface Walk {
  readonly origins: Map<string, Origin>
  /** Values that say whether there is a cache. */
  readonly flags: Set<string>
  readonly step: 'first' | 'next'
}

function walk(graph: Graph, state: Walk): Product[] {
  const {origins} = state
  const products: Product[] = []
  for (const tensor of graph.initializers) origins.set(tensor.name, {kind: 'constant', tensors: [tensor]})
  for (const node of graph.nodes) {
    if (node.operator === 'If') {
      products.push(...branchOf(node, state))
      continue
    }
    const found = productOf(node, origins)
    if (found !== undefined) products.push(found)
    const origin = node.operator === 'Constant' ? constantOf(node) : originOf(node, origins)
    for (const output of node.outputs) origins.set(output, origin)
    if (node.inputs.some((name) => state.flags.has(name)))
      for (const output of node.outputs) state.flags.add(output)
  }
  return products
}

/** The branch that runs; where its condition is another one, the branch with more products. */
function branchOf(node: Node, state: Walk): Product[] {
  const [then, otherwise] = ['then_branch', 'else_branch'].map((name) => node.attributes.get(name)?.graphs[0])
  const isCacheFlag = state.flags.has(node.inputs[0] ?? '')
  const chosen = isCacheFlag ? [state.step === 'next' ? then : otherwise] : [then, otherwise]
  let most: Product[] = []
  for (const graph of chosen) {
    if (graph === undefined) continue
    const products = walk(graph, state)
    if (products.length >= most.length) most = products
    graph.outputs.forEach(({name}, index) => {
      const output = node.outputs[index]
      if (output !== undefined) state.origins.set(output, state.origins.get(name) ?? OTHER)
    })
  }
  return most
}

function productOf(node: Node, origins: ReadonlyMap<string, Origin>): Product | undefined {
  const places = MATRIX_INPUTS[node.operator]
  const place = places?.find((index) => origins.get(node.inputs[index] ?? '')?.kind === 'constant')
  if (place === undefined) return undefined
  const matrix = origins.get(node.inputs[place]!)!
  const operand = node.inputs
    .filter((_, index) => index !== place)
    .map((name) => origins.get(name)?.kind)
    .find((kind) => kind === 'tokens' || kind === 'states')
  if (operand === undefined || matrix.kind !== 'constant') return undefined
  const {elements, sides} = sizeOf(node, matrix.tensors)
  if (elements < SMALLEST_MATRIX) return undefined
  const weights = node.inputs.flatMap((name) => {
    const origin = origins.get(name)
    return origin?.kind === 'constant' ? origin.tensors : []
  })
  return {operand, elements, sides, weights}
}

function sizeOf(node: Node, tensors: readonly Tensor[]): Pick<Product, 'elements' | 'sides'> {
  const [N, K] = ['N', 'K'].map((name) => node.attributes.get(name)?.integer)
  if (N !== undefined && K !== undefined) return {elements: N * K, sides: [N, K]}
  // Scales and zero points are smaller than what they belong to.
  const sizes = tensors.map(({dims}) => elementCount(dims))
  const elements = Math.max(0, ...sizes)
  return {elements, sides: (tensors[sizes.indexOf(elements)]?.dims ?? []).slice(-2)}
}

function constantOf(node: Node): Origin {
  const tensor = node.attributes.get('value')?.tensor
  return {kind: 'constant', tensors: tensor === undefined ? [] : [{...tensor, name: node.outputs[0] ?? ''}]}
}

/** Tokens win over states: the queries of cross-attention are the tokens', whatever they look at. */
function originOf(node: Node, origins: ReadonlyMap<string, Origin>): Origin {
  // How long a text is says nothing of what it holds.
  if (node.operator === 'Shape' || node.operator === 'Size') return OTHER
  const inputs = node.inputs.filter((name) => name !== '').map((name) => origins.get(name) ?? OTHER)
  if (inputs.some(({kind}) => kind === 'tokens')) return {kind: 'tokens'}
  if (inputs.some(({kind}) => kind === 'states')) return {kind: 'states'}
  if (inputs.length === 0 || inputs.some(({kind}) => kind === 'other')) return OTHER
  return {
    kind: 'constant',
    tensors: inputs.flatMap((origin) => (origin.kind === 'constant' ? origin.tensors : [])),
  }
}

/** Bytes of all that the products read, each tensor once. */
export function weightBytes(products: readonly Product[]): number {
  const byName = new Map(products.flatMap(({weights}) => weights.map((tensor) => [tensor.name, tensor])))
  return [...byName.values()].reduce((sum, tensor) => sum + (byteCount(tensor) ?? 0), 0)
}
