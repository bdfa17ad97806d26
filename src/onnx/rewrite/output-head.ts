import type {Graph, Node} from '../read/model.ts'

/** The matrix product that makes logits of hidden states. */
export type Head =
  | {
      readonly kind: 'found'
      /** The head's first input: hidden states (batch, positions, width), or their int8 codes. */
      readonly input: string
      readonly output: string
      /** Outputs of the head and of everything between it and `logits`. */
      readonly downstream: readonly string[]
    }
  | {readonly kind: 'unknown'; readonly why: string}

/** Products whose rows do not depend on each other. MatMulInteger's scale was taken before it, so it may lose rows too. */
const PRODUCTS = new Set(['MatMul', 'MatMulNBits', 'FusedMatMul', 'MatMulInteger', 'MatMulBnb4'])
/** Operators that treat every logit by itself: casts, softcaps (Div, Tanh, Mul), scales, biases. */
const ELEMENTWISE = new Set(['Cast', 'Mul', 'Div', 'Add', 'Sub', 'Tanh', 'Identity', 'Clip'])

/** Walks back from `logits` through elementwise operators to the output head. */
export function findHead(graph: Graph): Head {
  const makers = new Map(graph.nodes.flatMap((node) => node.outputs.map((output) => [output, node] as const)))
  const constants = constantNames(graph)
  const downstream: string[] = []
  let name = 'logits'
  for (let step = 0; step < 32; step++) {
    const node = makers.get(name)
    if (node === undefined) return {kind: 'unknown', why: `nothing in the main graph makes ${name}`}
    downstream.push(name)
    if (PRODUCTS.has(node.operator)) return asHead(node, constants, downstream, graph)
    if (!ELEMENTWISE.has(node.operator)) return {kind: 'unknown', why: `logits come through ${node.operator}`}
    const next = node.inputs.filter((input) => input !== '' && !isParameter(input, constants, makers))
    if (next.length !== 1)
      return {kind: 'unknown', why: `${node.operator} before logits joins ${next.length} values`}
    name = next[0] ?? ''
  }
  return {kind: 'unknown', why: 'logits lie too far behind a matrix product'}
}

function asHead(
  node: Node,
  constants: ReadonlySet<string>,
  downstream: readonly string[],
  graph: Graph,
): Head {
  const [input, weight] = node.inputs
  const output = node.outputs[0]
  if (!input || !weight || !output)
    return {kind: 'unknown', why: `${node.operator} before logits lacks an input`}
  if (constants.has(input)) return {kind: 'unknown', why: 'the output head multiplies from the right'}
  if ((node.attributes.get('transA')?.integer ?? 0) !== 0)
    return {kind: 'unknown', why: 'the output head reads its input transposed'}
  const shared = downstream.find((name, index) => useCount(graph, name) !== (index === 0 ? 0 : 1))
  if (shared !== undefined) return {kind: 'unknown', why: `${shared} is used elsewhere too`}
  return {kind: 'found', input, output, downstream}
}

function constantNames(graph: Graph): ReadonlySet<string> {
  const names = new Set(graph.initializers.map(({name}) => name))
  for (const node of graph.nodes)
    if (node.operator === 'Constant') for (const output of node.outputs) names.add(output)
  return names
}

/** How many nodes and outputs read a value; `logits` as an output does not count. */
function useCount(graph: Graph, name: string): number {
  const asOutput = name === 'logits' ? 0 : graph.outputs.filter((output) => output.name === name).length
  return asOutput + graph.nodes.flatMap(({inputs}) => inputs).filter((input) => input === name).length
}

/** A constant, or the scale of a dynamically quantised activation times a weight's scale. */
function isParameter(
  name: string,
  constants: ReadonlySet<string>,
  makers: ReadonlyMap<string, Node>,
  depth = 0,
): boolean {
  if (constants.has(name)) return true
  const maker = makers.get(name)
  if (maker?.operator === 'DynamicQuantizeLinear') return maker.outputs[0] !== name
  const isPlain = maker !== undefined && ['Mul', 'Cast', 'Identity', 'Transpose'].includes(maker.operator)
  return (
    isPlain && depth < 4 && maker.inputs.every((input) => isParameter(input, constants, makers, depth + 1))
  )
}
