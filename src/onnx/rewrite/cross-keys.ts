import {bytesOf, readFields} from '../protobuf.ts'
import {type Graph, type Node, readModel, readNode, readValueInfo} from '../read/model.ts'
import {readTensor} from '../read/tensor.ts'
import {GRAPH, MODEL, NODE} from '../schema.ts'
import {MessageWriter} from '../write/message-writer.ts'
import {graphValues} from './graph-values.ts'
import {liveNodes, type WrittenNode, writtenNode} from './live-nodes.ts'
import {rewriteMessage} from './rewrite-message.ts'

/** Keys and values of the encoder's output, as exporters name what a decoder gives back. */
const CROSS = /^present(?:_key_values)?\.\d+\.(?:encoder|cross)\./

export type CrossKeys =
  | {readonly kind: 'rewritten'; readonly model: Uint8Array}
  | {readonly kind: 'unchanged'; readonly why: string}

/**
 * The graph that makes the encoder's keys and values and nothing else, from a decoder that runs without a past: it holds
 * their projections and none of the decoder's other weights. Exporters take the number of rows from the decoder's own
 * states, which would bring the whole decoder with it; here it is taken from the encoder's output `states`.
 */
export function crossKeysGraph(bytes: Uint8Array, states: string): CrossKeys {
  const {graph} = readModel(bytes)
  const outputs = new Set(graph.outputs.map(({name}) => name).filter((name) => CROSS.test(name)))
  if (outputs.size === 0)
    return {kind: 'unchanged', why: "the first graph does not give the encoder's keys and values"}
  const rows = rowCounts(graph)
  const model = rewriteMessage(bytes, (field, payload) =>
    field.number === MODEL.graph
      ? onlyOutputs(payload(), outputs, (node) => (rows.has(node.outputs[0] ?? '') ? states : undefined))
      : undefined,
  ).toBytes()
  const others = readModel(model).graph.inputs.filter(({name}) => name !== states)
  return others.length === 0
    ? {kind: 'rewritten', model}
    : {kind: 'unchanged', why: `the encoder's keys and values depend on ${others[0]!.name} too`}
}

/** Names of shapes of which only the first size is read. */
function rowCounts(graph: Graph): ReadonlySet<string> {
  const values = graphValues(graph)
  const names = graph.nodes
    .filter(({operator, attributes}) => operator === 'Shape' && !attributes.get('start')?.integer)
    .flatMap(({outputs}) => outputs)
  return new Set(
    names.filter(
      (name) =>
        !values.isNested(name) &&
        values
          .readers(name)
          .every(
            ({operator, inputs}) =>
              operator === 'Gather' && inputs[0] === name && values.integers(inputs[1] ?? '')?.join() === '0',
          ),
    ),
  )
}

/** A graph with the nodes, weights and inputs that the given outputs depend on. `source`: what a shape is taken of instead. */
function onlyOutputs(
  graph: Uint8Array,
  outputs: ReadonlySet<string>,
  source: (node: Node) => string | undefined,
): MessageWriter {
  const nodes: WrittenNode[] = []
  for (const field of readFields(graph)) {
    if (field.number !== GRAPH.node) continue
    const bytes = bytesOf(graph, field)
    const node = readNode(bytes, 0)
    const other = source(node)
    nodes.push(other === undefined ? writtenNode(bytes) : writtenNode(reading(bytes, other)))
  }
  const live = liveNodes(nodes, outputs)
  const read = new Set([...live.flatMap(({inputs}) => inputs), ...outputs])
  const writer = new MessageWriter()
  for (const field of readFields(graph)) {
    const payload = (): Uint8Array => bytesOf(graph, field)
    // Shapes noted for values that are gone would be refused; the others are inferred again.
    if (field.number === GRAPH.node || field.number === GRAPH.valueInfo) continue
    if (field.number === GRAPH.initializer && !read.has(readTensor(payload()).name)) continue
    if (field.number === GRAPH.input && !read.has(readValueInfo(payload()).name)) continue
    if (field.number === GRAPH.output && !outputs.has(readValueInfo(payload()).name)) continue
    writer.raw(graph.subarray(field.at, field.end))
  }
  for (const {message} of live) writer.message(GRAPH.node, message)
  return writer
}

/** A node of one input that reads another one. */
function reading(node: Uint8Array, input: string): Uint8Array {
  return rewriteMessage(node, (field) => (field.number === NODE.input ? 'drop' : undefined))
    .text(NODE.input, input)
    .toBytes()
}
