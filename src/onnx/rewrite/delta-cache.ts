import {bytesOf, readFields, textOf} from '../protobuf.ts'
import {type Model, type Node, readModel, readNode, readValueInfo, type ValueInfo} from '../read/model.ts'
import {readTensor} from '../read/tensor.ts'
import {type DataType, GRAPH, MODEL, NODE} from '../schema.ts'
import {MessageWriter} from '../write/message-writer.ts'
import {valueInfo} from '../write/value-info.ts'
import {type DeltaGraph, deltaGraph, repeatedShape, splitProduct, wholeShape} from './delta-nodes.ts'
import {type Concatenation, findConcatenations} from './delta-pattern.ts'
import {graphValues, nestedNames} from './graph-values.ts'
import {liveNodes, type WrittenNode, writtenNode} from './live-nodes.ts'
import {rewriteMessage} from './rewrite-message.ts'

export type DeltaCache =
  | {
      readonly kind: 'rewritten'
      readonly model: Uint8Array
      /** Cache entries whose past is read where it lies; the others are still joined with the new positions inside. */
      readonly split: number
      readonly joined: number
    }
  | {readonly kind: 'unchanged'; readonly why: string}

/**
 * Makes a decoder-only graph give back the keys and values of new positions only: `present.*` then are (batch, heads,
 * new positions, head size), to be put into the caller's own buffers. Where an attention is written in the usual way,
 * the product over past and new is computed in two parts, so that the past is never copied. The caller may leave slots
 * of the past unused, hidden by the mask: only graphs that take positions from outside are rewritten.
 */
export function deltaCache(bytes: Uint8Array): DeltaCache {
  const model = readModel(bytes)
  const obstacle = obstacleOf(model)
  if (obstacle !== undefined) return {kind: 'unchanged', why: obstacle}
  const concatenations = findConcatenations(model.graph, graphValues(model.graph))
  if (typeof concatenations === 'string') return {kind: 'unchanged', why: concatenations}
  const writer = rewriteMessage(bytes, (field, payload) =>
    field.number === MODEL.graph ? rewriteGraph(payload(), model, concatenations) : undefined,
  )
  const joined = concatenations.filter(({reader}) => typeof reader === 'string').length
  return {kind: 'rewritten', model: writer.toBytes(), split: concatenations.length - joined, joined}
}

function obstacleOf({graph, opsets}: Model): string | undefined {
  const names = new Set(graph.inputs.map(({name}) => name))
  const opset = opsets.get('') ?? 0
  if (names.has('encoder_hidden_states') || names.has('encoder_attention_mask'))
    return "an encoder-decoder's own cache is short"
  if (!names.has('input_ids')) return 'the graph takes no input_ids'
  if (!names.has('attention_mask')) return 'the graph takes no attention_mask that could hide unused places'
  if (!names.has('position_ids')) return 'the graph counts positions itself'
  if (names.has('cache_position')) return 'the graph counts the places of its cache'
  if (opset < 13) return `operator set ${opset} is older than 13`
  return undefined
}

function rewriteGraph(
  graph: Uint8Array,
  {graph: read, opsets}: Model,
  concatenations: readonly Concatenation[],
): MessageWriter {
  const delta = deltaGraph(opsets.get('')!, concatenations[0]!.past, 'input_ids')
  const nodes = delta.graph.takeNodes().map(written)
  const renames = renamesFor(concatenations, delta.total)
  const replacements = replacementsFor(concatenations, delta)
  const presents = new Set(concatenations.map(({present}) => present))
  const length = read.inputs.find(({name}) => name === 'input_ids')?.dims[1] || 'sequence_length'
  const writer = new MessageWriter()
  for (const field of readFields(graph)) {
    const payload = bytesOf(graph, field)
    if (field.number === GRAPH.node) {
      const node = readNode(payload, 0)
      nodes.push(...(replacements.get(node.outputs[0] ?? '') ?? [renamed(payload, node, renames)]))
      continue
    }
    const isNamed = field.number === GRAPH.output || field.number === GRAPH.valueInfo
    const info = isNamed ? readValueInfo(payload) : undefined
    const isTouched = info !== undefined && (renames.has(info.name) || presents.has(info.name))
    if (!isTouched) writer.raw(graph.subarray(field.at, field.end))
    else if (field.number === GRAPH.output) writer.message(GRAPH.output, onlyNew(info, length))
  }
  const live = liveNodes(
    nodes,
    read.outputs.map(({name}) => name),
  )
  const used = new Set(live.flatMap(({inputs}) => inputs))
  for (const constant of delta.graph.initializers)
    if (used.has(readTensor(constant.toBytes()).name)) writer.message(GRAPH.initializer, constant)
  for (const {message} of live) writer.message(GRAPH.node, message)
  return writer
}

/** What is new takes the name of the output; what is still joined gets another. */
function renamesFor(concatenations: readonly Concatenation[], total: string): ReadonlyMap<string, string> {
  const renames = new Map<string, string>()
  for (const {added, present, reader} of concatenations) {
    renames.set(added, present)
    if (typeof reader === 'string') renames.set(present, `${present}__whole`)
    else for (const {outputs} of reader.lengths) renames.set(outputs[0]!, total)
  }
  return renames
}

/** The nodes in place of others, by the first output of those; none where they only go. */
function replacementsFor(
  concatenations: readonly Concatenation[],
  delta: DeltaGraph,
): ReadonlyMap<string, readonly WrittenNode[]> {
  const replacements = new Map<string, readonly WrittenNode[]>()
  const replace = (node: Node, write?: () => unknown): void => {
    write?.()
    replacements.set(node.outputs[0]!, delta.graph.takeNodes().map(written))
  }
  for (const concatenation of concatenations) {
    const {reader, past, present} = concatenation
    if (typeof reader === 'string') continue
    const [queries = ''] = reader.product.inputs
    replacements.set(present, [])
    for (const node of [...reader.between, ...reader.lengths]) replace(node)
    for (const node of reader.shapesOfWhole) replace(node, () => wholeShape(delta, past, node.outputs))
    for (const node of reader.shapesOfRepeated)
      replace(node, () => repeatedShape(delta, past, queries, node.outputs))
    replace(reader.product, () => splitProduct(delta, concatenation, present, reader))
  }
  return replacements
}

function written(message: MessageWriter): WrittenNode {
  return writtenNode(message.toBytes())
}

/** The node's own bytes with other names in them. */
function renamed(bytes: Uint8Array, node: Node, renames: ReadonlyMap<string, string>): WrittenNode {
  const rename = (name: string): string => renames.get(name) ?? name
  const inputs = [...node.inputs.map(rename), ...nestedNames(node)]
  const outputs = node.outputs.map(rename)
  if (![...node.inputs, ...node.outputs].some((name) => renames.has(name)))
    return {inputs, outputs, message: new MessageWriter().raw(bytes)}
  const message = new MessageWriter()
  for (const field of readFields(bytes)) {
    const isName = field.number === NODE.input || field.number === NODE.output
    if (isName) message.text(field.number, rename(textOf(bytes, field)))
    else message.raw(bytes.subarray(field.at, field.end))
  }
  return {inputs, outputs, message}
}

function onlyNew({name, elementType, dims}: ValueInfo, length: number | string): MessageWriter {
  const [batch = 'batch_size', heads = 'heads', , headSize = 'head_size'] = dims
  return valueInfo(name, elementType as DataType, [batch, heads, length, headSize])
}
