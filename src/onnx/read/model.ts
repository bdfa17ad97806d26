import {broken, bytesOf, type Field, floatOf, integerOf, integersOf, readFields, textOf} from '../protobuf.ts'
import {
  ATTRIBUTE,
  type DataType,
  DIMENSION,
  dataTypeName,
  FUNCTION,
  GRAPH,
  MODEL,
  NODE,
  OPSET,
  SHAPE,
  TENSOR_TYPE,
  TYPE,
  VALUE_INFO,
} from '../schema.ts'
import {readTensor, type Tensor} from './tensor.ts'

/** An ONNX model as views on its bytes. Weights are not copied and not decoded. */
export interface Model {
  /** Version of each operator set by domain; the standard one is ''. */
  readonly opsets: ReadonlyMap<string, number>
  readonly graph: Graph
  /** Nodes inside model-local functions. */
  readonly functionNodes: readonly Node[]
}

export interface Graph {
  readonly nodes: readonly Node[]
  readonly initializers: readonly Tensor[]
  readonly inputs: readonly ValueInfo[]
  readonly outputs: readonly ValueInfo[]
}

export interface Node {
  readonly operator: string
  readonly domain: string
  readonly name: string
  readonly inputs: readonly string[]
  readonly outputs: readonly string[]
  readonly attributes: ReadonlyMap<string, Attribute>
}

export interface Attribute {
  readonly integer: number | undefined
  readonly float: number | undefined
  readonly integers: readonly number[]
  readonly tensor: Tensor | undefined
  readonly graphs: readonly Graph[]
}

export interface ValueInfo {
  readonly name: string
  readonly elementType: DataType | `other-${number}`
  /** A number, or the name of a dimension that is known only when the graph runs ('' where it has no name). */
  readonly dims: readonly (number | string)[]
}

/** Graphs nest in attributes of If, Loop and Scan; exporters go two deep, a hostile file could go on for ever. */
const MAX_DEPTH = 32

export function readModel(bytes: Uint8Array): Model {
  const opsets = new Map<string, number>()
  const functionNodes: Node[] = []
  let graph: Graph | undefined
  for (const field of readFields(bytes)) {
    if (field.number === MODEL.graph) graph = readGraph(bytesOf(bytes, field), 0)
    else if (field.number === MODEL.opsetImport) {
      const [domain, version] = readOpset(bytesOf(bytes, field))
      opsets.set(domain, version)
    } else if (field.number === MODEL.functions) functionNodes.push(...readFunction(bytesOf(bytes, field)))
  }
  if (graph === undefined) throw broken('it holds no graph')
  return {opsets, graph, functionNodes}
}

/** Every node of the model, those of nested graphs and functions included. */
export function* allNodes(model: Model): Generator<Node, void, void> {
  for (const graph of allGraphs(model.graph)) yield* graph.nodes
  yield* model.functionNodes
}

/** The graph itself and all graphs in its nodes' attributes. */
export function* allGraphs(graph: Graph): Generator<Graph, void, void> {
  yield graph
  for (const node of graph.nodes)
    for (const attribute of node.attributes.values())
      for (const nested of attribute.graphs) yield* allGraphs(nested)
}

function readOpset(bytes: Uint8Array): readonly [string, number] {
  let domain = ''
  let version = 0
  for (const field of readFields(bytes)) {
    if (field.number === OPSET.domain) domain = textOf(bytes, field)
    else if (field.number === OPSET.version) version = integerOf(bytes, field)
  }
  return [domain === 'ai.onnx' ? '' : domain, version]
}

function readFunction(bytes: Uint8Array): readonly Node[] {
  return [...readFields(bytes)]
    .filter((field) => field.number === FUNCTION.node)
    .map((field) => readNode(bytesOf(bytes, field), 1))
}

function readGraph(bytes: Uint8Array, depth: number): Graph {
  if (depth > MAX_DEPTH) throw broken(`graphs nest deeper than ${MAX_DEPTH}`)
  const nodes: Node[] = []
  const initializers: Tensor[] = []
  const inputs: ValueInfo[] = []
  const outputs: ValueInfo[] = []
  for (const field of readFields(bytes)) {
    if (field.number === GRAPH.node) nodes.push(readNode(bytesOf(bytes, field), depth))
    else if (field.number === GRAPH.initializer) initializers.push(readTensor(bytesOf(bytes, field)))
    else if (field.number === GRAPH.input) inputs.push(readValueInfo(bytesOf(bytes, field)))
    else if (field.number === GRAPH.output) outputs.push(readValueInfo(bytesOf(bytes, field)))
  }
  return {nodes, initializers, inputs, outputs}
}

export function readNode(bytes: Uint8Array, depth: number): Node {
  const inputs: string[] = []
  const outputs: string[] = []
  const attributes = new Map<string, Attribute>()
  let operator = ''
  let domain = ''
  let name = ''
  for (const field of readFields(bytes)) {
    if (field.number === NODE.input) inputs.push(textOf(bytes, field))
    else if (field.number === NODE.output) outputs.push(textOf(bytes, field))
    else if (field.number === NODE.opType) operator = textOf(bytes, field)
    else if (field.number === NODE.domain) domain = textOf(bytes, field)
    else if (field.number === NODE.name) name = textOf(bytes, field)
    else if (field.number === NODE.attribute) {
      const [key, attribute] = readAttribute(bytesOf(bytes, field), depth)
      attributes.set(key, attribute)
    }
  }
  return {operator, domain: domain === 'ai.onnx' ? '' : domain, name, inputs, outputs, attributes}
}

function readAttribute(bytes: Uint8Array, depth: number): readonly [string, Attribute] {
  let name = ''
  let integer: number | undefined
  let float: number | undefined
  let tensor: Tensor | undefined
  const integers: number[] = []
  const graphs: Graph[] = []
  for (const field of readFields(bytes)) {
    if (field.number === ATTRIBUTE.name) name = textOf(bytes, field)
    else if (field.number === ATTRIBUTE.integer) integer = integerOf(bytes, field)
    else if (field.number === ATTRIBUTE.float) float = floatOf(bytes, field)
    else if (field.number === ATTRIBUTE.tensor) tensor = readTensor(bytesOf(bytes, field))
    else if (field.number === ATTRIBUTE.integers) integers.push(...integersOf(bytes, field))
    else if (field.number === ATTRIBUTE.graph || field.number === ATTRIBUTE.graphs)
      graphs.push(readGraph(bytesOf(bytes, field), depth + 1))
  }
  return [name, {integer, float, integers, tensor, graphs}]
}

export function readValueInfo(bytes: Uint8Array): ValueInfo {
  let name = ''
  let type: Pick<ValueInfo, 'elementType' | 'dims'> = {elementType: 'other-0', dims: []}
  for (const field of readFields(bytes)) {
    if (field.number === VALUE_INFO.name) name = textOf(bytes, field)
    else if (field.number === VALUE_INFO.type) type = readType(bytesOf(bytes, field))
  }
  return {name, ...type}
}

function readType(bytes: Uint8Array): Pick<ValueInfo, 'elementType' | 'dims'> {
  let elementType: ValueInfo['elementType'] = 'other-0'
  let dims: readonly (number | string)[] = []
  const tensor = messageAt(bytes, TYPE.tensor)
  for (const field of tensor ? readFields(tensor) : []) {
    if (field.number === TENSOR_TYPE.elementType) elementType = dataTypeName(integerOf(tensor!, field))
    else if (field.number === TENSOR_TYPE.shape) dims = readShape(bytesOf(tensor!, field))
  }
  return {elementType, dims}
}

function readShape(bytes: Uint8Array): readonly (number | string)[] {
  return [...readFields(bytes)]
    .filter((field) => field.number === SHAPE.dimension)
    .map((field) => readDimension(bytesOf(bytes, field)))
}

function readDimension(bytes: Uint8Array): number | string {
  const field: Field | undefined = [...readFields(bytes)].find(
    ({number}) => number === DIMENSION.value || number === DIMENSION.name,
  )
  if (field === undefined) return ''
  return field.number === DIMENSION.value ? integerOf(bytes, field) : textOf(bytes, field)
}

/** The last message in field `number`, as protobuf's rule for a repeated singular field has it. */
function messageAt(bytes: Uint8Array, number: number): Uint8Array | undefined {
  const field = [...readFields(bytes)].findLast((candidate) => candidate.number === number)
  return field && bytesOf(bytes, field)
}
