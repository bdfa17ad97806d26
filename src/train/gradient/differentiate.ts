import type {GraphBuilder, GraphNode} from '../../onnx/write/graph-builder.ts'
import {add, divide, gelu, multiply, subtract} from './elementwise.ts'
import {chosenRows, concatenate, identity, reshape, rotation, split, transpose} from './layout.ts'
import {rootMeanSquareNorm, softmax} from './normalise.ts'
import {fusedMatrixProduct, matrixProduct} from './products.ts'
import {known, type NodeUse, type OperatorRule} from './rule.ts'
import type {Dims, Tape} from './tape.ts'

/** Every operator that stands between a parameter and a loss. */
const RULES: Readonly<Record<string, OperatorRule>> = {
  Add: add,
  Sub: subtract,
  Mul: multiply,
  Div: divide,
  Gelu: gelu,
  MatMul: matrixProduct,
  FusedMatMul: fusedMatrixProduct,
  Softmax: softmax,
  SimplifiedLayerNormalization: rootMeanSquareNorm,
  Identity: identity,
  Reshape: reshape,
  Transpose: transpose,
  Split: split,
  Concat: concatenate,
  RotaryEmbedding: rotation,
  Gather: chosenRows,
}

/** Rows of a table that were looked up: adding them up by id is faster outside the graph, and in a fixed order. */
export interface LookUp {
  readonly table: string
  /** The graph's input that holds the ids. */
  readonly ids: string
  /** Gradient of the rows, as many as there are ids. */
  readonly gradient: string
  readonly dims: Dims
}

export interface Gradients {
  /** Gradient by parameter, without what its look-ups add. */
  readonly byParameter: ReadonlyMap<string, string>
  readonly lookUps: readonly LookUp[]
}

/**
 * Reverse-mode differentiation of what a tape has heard. Adds to the graph the gradients of its parameters.
 * @param seeds gradient of the loss by value, such as the logits
 */
export function differentiate(
  graph: GraphBuilder,
  tape: Tape,
  parameters: ReadonlySet<string>,
  seeds: ReadonlyMap<string, string>,
): Gradients {
  const forward = ancestors(tape.nodes, new Set(seeds.keys()))
  const dims = new Map<string, Dims>()
  const dependent = new Set<string>(parameters)
  for (const node of forward) if (node.inputs.some((name) => dependent.has(name))) followForward(node)
  const parts = new Map([...seeds].map(([name, gradient]) => [name, [gradient]]))
  const lookUps: LookUp[] = []
  const readers = new Map<string, number>()
  for (const name of forward.flatMap(({inputs}) => inputs)) readers.set(name, (readers.get(name) ?? 0) + 1)
  const uses = (name: string): number => readers.get(name) ?? 0
  const rowSums = new Map<string, () => string>()
  for (const node of forward.toReversed())
    if (node.inputs.some((name) => dependent.has(name))) followBack(node)
  const byParameter = new Map([...parameters].flatMap((name) => entry(name, total(name))))
  return {byParameter, lookUps}

  function isLookUp({operator, inputs}: GraphNode): boolean {
    return operator === 'Gather' && parameters.has(inputs[0] ?? '')
  }

  function useOf(node: GraphNode): NodeUse {
    return {
      node,
      inputs: node.inputs.map((name) => dims.get(name) ?? tape.tensors.get(name)),
      inverse: (input) => tape.inverses.get(node.inputs[input] ?? ''),
      integers: (input) => tape.vectors.get(node.inputs[input] ?? '') ?? [],
    }
  }

  function followForward(node: GraphNode): void {
    const use = useOf(node)
    const found = isLookUp(node) ? [lookedUp(use)] : ruleOf(node).outputs(use)
    for (const [output, sizes] of found.entries()) {
      const name = node.outputs[output] ?? ''
      dims.set(name, sizes)
      dependent.add(name)
    }
  }

  function followBack(node: GraphNode): void {
    const gradients = node.outputs.map(total)
    const [gradient] = gradients
    if (gradients.every((each) => each === undefined)) return
    const [table = '', ids = ''] = node.inputs
    if (isLookUp(node)) {
      if (gradient) lookUps.push({table, ids, gradient, dims: known(dims.get(node.outputs[0] ?? ''))})
      return
    }
    const wants = (input: number): boolean => dependent.has(node.inputs[input] ?? '')
    const outputs = node.outputs.map((name) => dims.get(name) ?? [])
    const made = ruleOf(node).backward({...useOf(node), graph, outputs, gradients, wants, uses, rowSums})
    for (const [input, part] of made.entries())
      if (part !== undefined && wants(input)) {
        const name = node.inputs[input] ?? ''
        parts.set(name, [...(parts.get(name) ?? []), part])
      }
  }

  /** A value that is used more than once gets the sum, added once. */
  function total(name: string): string | undefined {
    const all = parts.get(name) ?? []
    if (all.length < 2) return all[0]
    const sum = graph.node('Sum', all)
    parts.set(name, [sum])
    return sum
  }
}

/** The nodes that a value is made from, in their order. */
function ancestors(nodes: readonly GraphNode[], wanted: Set<string>): readonly GraphNode[] {
  const found: GraphNode[] = []
  for (const node of nodes.toReversed()) {
    if (!node.outputs.some((name) => wanted.has(name))) continue
    found.push(node)
    for (const name of node.inputs) wanted.add(name)
  }
  return found.reverse()
}

function entry(name: string, gradient: string | undefined): readonly (readonly [string, string])[] {
  return gradient === undefined ? [] : [[name, gradient]]
}

function lookedUp({inputs}: NodeUse): Dims {
  return [...known(inputs[1]), ...known(inputs[0]).slice(1)]
}

function ruleOf({operator}: GraphNode): OperatorRule {
  const rule = RULES[operator]
  if (rule === undefined) throw new Error(`${operator} has no gradient rule`)
  return rule
}
