import {allGraphs, type Model, type Node} from '../read/model.ts'
import type {Tensor} from '../read/tensor.ts'

/** How the nodes that read a float32 matrix use it; decided by name, over nested graphs too. */
export interface MatrixUse {
  readonly tensor: Tensor
  /** True where the matrix is (outputs, inputs), so that it is turned before it multiplies from the right. */
  readonly isTurned: boolean
  /** True where token ids look rows up in it, and the lookup can be rounded too. */
  readonly isTable: boolean
  /** True where something else reads it as well, so that it stays in float32 beside its rounded copy. */
  readonly isKept: boolean
  /** Names under which nodes multiply by it: its own, or those of its transposes. */
  readonly products: ReadonlySet<string>
}

/** Smaller matrices cost nothing, and rounding them would. */
const SMALLEST_SIDE = 16

/**
 * The matrices of a model that can be rounded: something multiplies by them from the right (MatMul, Gemm without
 * scaling, or MatMul by their transpose), or token ids look rows up in them. For any other reader the matrix stays.
 */
export function roundableMatrices(model: Model): ReadonlyMap<string, MatrixUse> {
  const graphs = [...allGraphs(model.graph)]
  const readers = new Map<string, (readonly [Node, number])[]>()
  for (const {nodes} of graphs)
    for (const node of nodes)
      for (const [index, name] of node.inputs.entries())
        readers.set(name, [...(readers.get(name) ?? []), [node, index]])
  const outputs = new Set(graphs.flatMap((graph) => graph.outputs.map(({name}) => name)))
  const found = new Map<string, MatrixUse>()
  for (const tensor of graphs.flatMap(({initializers}) => initializers)) {
    const isMatrix = tensor.dataType === 'float32' && tensor.dims.length === 2
    if (!isMatrix || Math.min(...tensor.dims) < SMALLEST_SIDE || outputs.has(tensor.name)) continue
    const use = useOf(tensor, readers)
    if (use) found.set(tensor.name, use)
  }
  return found
}

function useOf(
  tensor: Tensor,
  readers: ReadonlyMap<string, readonly (readonly [Node, number])[]>,
): MatrixUse | undefined {
  const products = new Set<string>()
  const turns = new Set<boolean>()
  let isTable = false
  let isKept = false
  for (const [node, index] of readers.get(tensor.name) ?? []) {
    if (isLookUp(node, index)) isTable = true
    else if (isProduct(node, index)) {
      products.add(tensor.name)
      turns.add(node.operator === 'Gemm' && integer(node, 'transB', 0) === 1)
    } else if (isTranspose(node) && (readers.get(node.outputs[0] ?? '') ?? []).every(isPlainProduct)) {
      products.add(node.outputs[0] ?? '')
      turns.add(true)
    } else isKept = true
  }
  const [isTurned = true] = turns
  const isRounded = products.size > 0 || (isTable && !isKept)
  // One stored form serves all readers: a table's is (rows, width), which a product must want as (outputs, inputs).
  if (!isRounded || turns.size > 1 || (isTable && !isTurned)) return undefined
  return {tensor, isTurned, isTable: isTable && !isKept, isKept: isKept && products.size > 0, products}
}

/** A row for each token; other tables (positions, relative distances) are small and stay as they are. */
export function isLookUp(node: Node, index: number): boolean {
  return node.operator === 'Gather' && index === 0 && node.inputs[1] === 'input_ids'
}

export function isProduct(node: Node, index: number): boolean {
  if (index !== 1) return false
  if (node.operator === 'MatMul') return true
  const factor = (name: string): number => node.attributes.get(name)?.float ?? 1
  const isPlain = integer(node, 'transA', 0) === 0 && factor('alpha') === 1 && factor('beta') === 1
  return node.operator === 'Gemm' && isPlain
}

function isPlainProduct([node, index]: readonly [Node, number]): boolean {
  return node.operator === 'MatMul' && index === 1
}

function isTranspose(node: Node): boolean {
  return node.operator === 'Transpose' && node.attributes.get('perm')?.integers.join() !== '0,1'
}

function integer(node: Node, name: string, otherwise: number): number {
  return node.attributes.get(name)?.integer ?? otherwise
}
