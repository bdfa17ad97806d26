import {allGraphs, type Graph, type Model, type Node} from './model.ts'
import {elementCount, type Tensor} from './tensor.ts'

/** A trained tensor of a graph, whatever form it is stored in. */
export interface Weight {
  readonly tensor: Tensor
  /** Parameters it stands for: of a quantised matrix the values it stands for, without scales and zero points. */
  readonly parameters: number
  /** Rows and columns of the matrix it stands for, output features first where an operator says which they are. */
  readonly matrix: Matrix | undefined
  /** True for a table that token ids look up: what an output head may be tied to. */
  readonly isTable: boolean
}

export interface Matrix {
  readonly rows: number
  readonly columns: number
  /** Bits of one stored value; below 8 they are packed, low bits first. */
  readonly bits: number
}

interface Use {
  readonly node: Node
  readonly index: number
}

const FLOATS: ReadonlySet<string> = new Set(['float32', 'float16', 'bfloat16', 'float64'])
const CODES: ReadonlySet<string> = new Set(['int8', 'uint8', 'int4', 'uint4'])

/** Inputs that hold scales, zero points, shapes or rotation tables, by operator. */
const COMPANIONS: Readonly<Record<string, readonly number[]>> = {
  MatMulNBits: [2, 3, 4],
  GatherBlockQuantized: [1, 2, 3],
  DequantizeLinear: [1, 2],
  QuantizeLinear: [1, 2],
  MatMulInteger: [2, 3],
  DynamicQuantizeMatMul: [2, 3],
  MatMulIntegerToFloat: [2, 3, 4, 5],
  QLinearMatMul: [1, 2, 4, 5, 6, 7],
  QGemm: [1, 2, 4, 5, 7, 8],
  GroupQueryAttention: [5, 6, 7, 8],
  RotaryEmbedding: [1, 2, 3],
}

/** Buffers that PyTorch does not count as parameters, by the names that exporters keep. */
const BUFFER =
  /inv_freq|rotary_emb|(cos|sin)_cache|final_logits_bias|masked_bias|causal_mask|(^|\.)attn\.bias$/

/** The weights of a model, nested graphs included. Constants of the computation (rotation tables, masks, scales) are left out. */
export function weightsOf(model: Model): readonly Weight[] {
  const graphs = [...allGraphs(model.graph)]
  const uses = new Map<string, Use[]>()
  const makers = new Map<string, Node>()
  for (const {nodes} of graphs)
    for (const node of nodes) {
      for (const [index, name] of node.inputs.entries())
        uses.set(name, [...(uses.get(name) ?? []), {node, index}])
      for (const name of node.outputs) makers.set(name, node)
    }
  const vocabulary = model.graph.outputs.find(({name}) => name === 'logits')?.dims.at(-1)
  const initializers = graphs.flatMap(storedTensors)
  const codes = new Set(initializers.filter(({dataType}) => CODES.has(dataType)).map(({name}) => name))
  const isCode = (name: string): boolean => codes.has(name)
  return initializers.flatMap((tensor) => {
    const tensorUses = uses.get(tensor.name) ?? []
    const isTrained = isWeight(tensor, tensorUses, makers, isCode) && !isLogitsBias(tensor, vocabulary)
    return isTrained ? [asWeight(tensor, tensorUses)] : []
  })
}

/** Initializers, and matrices that some exporters put into Constant nodes. */
function storedTensors(graph: Graph): readonly Tensor[] {
  const constants = graph.nodes.flatMap((node) => {
    const value = node.operator === 'Constant' ? node.attributes.get('value')?.tensor : undefined
    if (value?.dims.length !== 2 || elementCount(value.dims) < 1024) return []
    return [{...value, name: node.outputs[0] ?? ''}]
  })
  return [...graph.initializers, ...constants]
}

function isWeight(
  tensor: Tensor,
  uses: readonly Use[],
  makers: ReadonlyMap<string, Node>,
  isCode: (name: string) => boolean,
): boolean {
  if (elementCount(tensor.dims) <= 1 || BUFFER.test(tensor.name) || uses.length === 0) return false
  if (uses.every((use) => isCompanion(tensor, use))) return false
  if (CODES.has(tensor.dataType)) return tensor.dims.length > 1
  if (!FLOATS.has(tensor.dataType)) return false
  return !uses.every(
    (use) =>
      isScale(use.node, use.index, makers, isCode) ||
      isFrequency(tensor, use.node) ||
      isCompanion(tensor, use),
  )
}

/** A scale, zero point or table that goes with weights; also one that is looked up by token or reshaped for another operator. */
function isCompanion(tensor: Tensor, {node, index}: Use): boolean {
  if (COMPANIONS[node.operator]?.includes(index)) return true
  return (
    (node.operator === 'Gather' && tensor.dims.length === 1) ||
    (node.operator === 'Reshape' && /scale/i.test(tensor.name))
  )
}

/** The factor of `Cast(integer weight) * scale`, or of `activation scale * weight scale`. */
function isScale(
  node: Node,
  index: number,
  makers: ReadonlyMap<string, Node>,
  isCode: (name: string) => boolean,
): boolean {
  if (node.operator !== 'Mul') return false
  const other = node.inputs[1 - index] ?? ''
  const maker = makers.get(other)
  if (maker?.operator === 'DynamicQuantizeLinear') return maker.outputs[1] === other
  return maker?.operator === 'Cast' && comesFromCode(maker.inputs[0] ?? '', makers, isCode)
}

function comesFromCode(
  name: string,
  makers: ReadonlyMap<string, Node>,
  isCode: (name: string) => boolean,
): boolean {
  const maker = makers.get(name)
  if (isCode(name) || maker?.operator === 'MatMulInteger') return true
  return maker?.operator === 'Gather' && isCode(maker.inputs[0] ?? '')
}

/** Rotation frequencies (1, half a head, 1) times positions. */
function isFrequency(tensor: Tensor, node: Node): boolean {
  const [first, , last] = tensor.dims
  return tensor.dims.length === 3 && first === 1 && last === 1 && node.operator !== 'Conv'
}

/** A bias on the logits, (1, vocabulary), is a buffer in BART and Marian. */
function isLogitsBias(tensor: Tensor, vocabulary: number | string | undefined): boolean {
  return tensor.dims.length === 2 && tensor.dims[0] === 1 && tensor.dims[1] === vocabulary
}

function asWeight(tensor: Tensor, uses: readonly Use[]): Weight {
  const isTable = uses.some(
    ({node, index}) =>
      (index === 0 && ['Gather', 'GatherBlockQuantized'].includes(node.operator)) ||
      (index === 0 && node.operator === 'Cast' && tensor.dims.length === 2),
  )
  const matrix = matrixOf(tensor, uses)
  const isPacked = matrix !== undefined && CODES.has(tensor.dataType)
  return {
    tensor,
    parameters: isPacked ? matrix.rows * matrix.columns : elementCount(tensor.dims),
    matrix,
    isTable,
  }
}

function matrixOf(tensor: Tensor, uses: readonly Use[]): Matrix | undefined {
  const product = uses.find(({node, index}) => node.operator === 'MatMulNBits' && index === 1)?.node
  const attribute = (node: Node, name: string, otherwise: number): number =>
    node.attributes.get(name)?.integer ?? otherwise
  if (product)
    return {
      rows: attribute(product, 'N', 0),
      columns: attribute(product, 'K', 0),
      bits: attribute(product, 'bits', 4),
    }
  const rows = tensor.dims[0] ?? 0
  const lookup = uses.find(({node, index}) => node.operator === 'GatherBlockQuantized' && index === 0)?.node
  if (lookup) {
    const bits = tensor.dataType === 'uint8' ? attribute(lookup, 'bits', 4) : 4
    const perElement = tensor.dataType === 'uint8' ? 8 / bits : 1
    return {rows, columns: (elementCount(tensor.dims) / Math.max(rows, 1)) * perElement, bits}
  }
  if (tensor.dims.length !== 2) return undefined
  const bits = tensor.dataType.endsWith('int4') ? 4 : 8
  return {rows, columns: tensor.dims[1] ?? 0, bits: CODES.has(tensor.dataType) ? bits : 0}
}
