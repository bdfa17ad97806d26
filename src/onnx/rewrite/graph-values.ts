import {allGraphs, type Graph, type Node} from '../read/model.ts'
import {elementCount, type Tensor} from '../read/tensor.ts'

/** Who makes and who reads each value of a graph. */
export interface Values {
  /** The node of the main graph that makes a value. */
  maker(name: string): Node | undefined
  /** The nodes of the main graph that read a value, each once. */
  readers(name: string): readonly Node[]
  /** True when a nested graph mentions the name: it may read the value. */
  isNested(name: string): boolean
  isConstant(name: string): boolean
  /** Elements of a constant; undefined for what is computed. */
  constantSize(name: string): number | undefined
  constantRank(name: string): number | undefined
  /** A small int64 constant; undefined for anything else. */
  integers(name: string): readonly number[] | undefined
}

export function graphValues(graph: Graph): Values {
  const makers = new Map<string, Node>()
  const readers = new Map<string, Node[]>()
  const nested = new Set<string>()
  const constants = new Map<string, Tensor>(graph.initializers.map((tensor) => [tensor.name, tensor]))
  for (const node of graph.nodes) {
    for (const output of node.outputs) makers.set(output, node)
    for (const input of new Set(node.inputs)) {
      const known = readers.get(input)
      if (known === undefined) readers.set(input, [node])
      else known.push(node)
    }
    for (const name of nestedNames(node)) nested.add(name)
    const value = node.operator === 'Constant' ? node.attributes.get('value')?.tensor : undefined
    if (value !== undefined && node.outputs[0] !== undefined) constants.set(node.outputs[0], value)
  }
  return {
    maker: (name) => makers.get(name),
    readers: (name) => readers.get(name) ?? [],
    isNested: (name) => nested.has(name),
    isConstant: (name) => constants.has(name),
    constantSize: (name) => {
      const tensor = constants.get(name)
      return tensor === undefined ? undefined : elementCount(tensor.dims)
    },
    constantRank: (name) => constants.get(name)?.dims.length,
    integers: (name) => {
      const tensor = constants.get(name)
      return tensor?.dataType === 'int64' && elementCount(tensor.dims) <= 8 ? integersOf(tensor) : undefined
    },
  }
}

/** Every name that the graphs in a node's attributes read or give back. */
export function nestedNames(node: Node): ReadonlySet<string> {
  const names = new Set<string>()
  for (const attribute of node.attributes.values())
    for (const body of attribute.graphs)
      for (const graph of allGraphs(body)) {
        for (const {inputs} of graph.nodes) for (const input of inputs) names.add(input)
        for (const {name} of graph.outputs) names.add(name)
      }
  return names
}

function integersOf({data}: Tensor): readonly number[] | undefined {
  if (data.kind === 'typed') return data.values
  if (data.kind !== 'raw') return undefined
  const view = new DataView(data.bytes.buffer, data.bytes.byteOffset, data.bytes.byteLength)
  return Array.from({length: data.bytes.byteLength / 8}, (_, index) =>
    Number(view.getBigInt64(index * 8, true)),
  )
}
