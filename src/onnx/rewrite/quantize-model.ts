import {SlmError} from '../../errors.ts'
import {embedding} from '../network/embedding.ts'
import {linear, type MatrixShape, type Precision} from '../network/precision.ts'
import {transpose} from '../network/quantized.ts'
import type {WeightSource} from '../network/weight-source.ts'
import {bytesOf, type Field, readFields} from '../protobuf.ts'
import {type Node, readModel, readNode} from '../read/model.ts'
import {readTensor, type Tensor} from '../read/tensor.ts'
import {tensorBytes} from '../read/tensor-bytes.ts'
import {ATTRIBUTE, type DataType, GRAPH, MODEL, NODE, OPSET} from '../schema.ts'
import {GraphBuilder} from '../write/graph-builder.ts'
import {MessageWriter} from '../write/message-writer.ts'
import type {WeightFile} from '../write/weight-file.ts'
import {rewriteMessage} from './rewrite-message.ts'
import {isLookUp, isProduct, type MatrixUse, roundableMatrices} from './weight-use.ts'

/** Axes as an input of Unsqueeze, which the int8 table needs. */
const OLDEST_OPSET = 13
/** Marks nodes that were put in, so that no name meets one of the graph's own. */
const PREFIX = 'slm_'

export interface QuantizedModel {
  readonly bytes: Uint8Array
  /** Matrices that were rounded. */
  readonly matrices: number
  /** Values in them. */
  readonly values: number
}

/**
 * Rounds the weight matrices of a float32 graph, ours or another exporter's, nested graphs included: what multiplies
 * from the right, and the table that token ids look up. Everything else keeps its bytes. `folder` is where the graph's
 * external data lies; what was external and is not rounded moves into `weights` or into the graph.
 */
export function quantizeModel(
  bytes: Uint8Array,
  folder: string,
  precision: Precision,
  weights: WeightFile | undefined,
): QuantizedModel {
  const model = readModel(bytes)
  const opset = model.opsets.get('') ?? 0
  if (opset < OLDEST_OPSET)
    throw new SlmError(
      'opset-too-old',
      `the graph has operator set ${opset}, quantizing needs ${OLDEST_OPSET}`,
      {
        hint: 'Export the model again with a newer operator set.',
      },
    )
  const uses = roundableMatrices(model)
  const builder = new GraphBuilder('', {opset, weights, prefix: PREFIX})
  const rounding: Rounding = {uses, builder, precision, folder, source: sourceOf(uses, folder)}
  const writer = rewriteMessage(bytes, (field, payload) =>
    field.number === MODEL.graph ? roundGraph(payload(), rounding, builder) : undefined,
  )
  if (!model.opsets.has('com.microsoft'))
    writer.message(
      MODEL.opsetImport,
      new MessageWriter().text(OPSET.domain, 'com.microsoft').integer(OPSET.version, 1),
    )
  const values = [...uses.values()].reduce((sum, {tensor: {dims}}) => sum + dims[0]! * dims[1]!, 0)
  return {bytes: writer.toBytes(), matrices: uses.size, values}
}

interface Rounding {
  readonly uses: ReadonlyMap<string, MatrixUse>
  /** Collects the stored tensors of all graphs; they go to the main one. */
  readonly builder: GraphBuilder
  readonly precision: Precision
  readonly folder: string
  readonly source: WeightSource
}

/** Values as (outputs, inputs), whichever way the graph stores them. */
function sourceOf(uses: ReadonlyMap<string, MatrixUse>, folder: string): WeightSource {
  return (name) => {
    const use = uses.get(name.slice(PREFIX.length))
    if (!use) throw new RangeError(`${name} is no matrix to round`)
    const bytes = tensorBytes(use.tensor, folder)
    const values = new Float32Array(bytes.length / 4)
    Buffer.from(values.buffer).set(bytes)
    const [rows = 0, columns = 0] = use.tensor.dims
    return use.isTurned ? values : transpose(values, rows, columns)
  }
}

function roundGraph(graph: Uint8Array, rounding: Rounding, builder: GraphBuilder): MessageWriter {
  const writer = new MessageWriter()
  for (const field of readFields(graph)) {
    if (field.number === GRAPH.node) roundNode(bytesOf(graph, field), rounding, builder, writer)
    else if (field.number === GRAPH.initializer) keepTensor(graph, field, rounding, writer)
    else writer.raw(graph.subarray(field.at, field.end))
  }
  if (builder === rounding.builder)
    for (const initializer of builder.initializers) writer.message(GRAPH.initializer, initializer)
  return writer
}

function keepTensor(
  graph: Uint8Array,
  field: Field,
  {uses, builder, folder}: Rounding,
  writer: MessageWriter,
): void {
  const tensor: Tensor = readTensor(bytesOf(graph, field))
  if (uses.has(tensor.name) && !uses.get(tensor.name)?.isKept) return
  if (tensor.data.kind !== 'external') writer.raw(graph.subarray(field.at, field.end))
  else
    builder.initializer(tensor.name, tensor.dataType as DataType, tensor.dims, () =>
      tensorBytes(tensor, folder),
    )
}

function roundNode(
  bytes: Uint8Array,
  rounding: Rounding,
  builder: GraphBuilder,
  writer: MessageWriter,
): void {
  const node = readNode(bytes, 0)
  const [first = '', second = ''] = node.inputs
  const table = rounding.uses.get(first)
  if (table?.products.has(node.outputs[0] ?? '')) return
  const product = isProduct(node, 1)
    ? [...rounding.uses.values()].find((use) => use.products.has(second))
    : undefined
  if (table?.isTable && isLookUp(node, 0)) {
    const found = embedding(builder, shapeOf(table), rounding.source, rounding.precision).lookUp(second)
    builder.node('Identity', [found], {outputs: node.outputs})
  } else if (product) multiply(node, product, rounding, builder)
  else {
    writer.message(GRAPH.node, roundBranches(bytes, rounding, builder))
    return
  }
  for (const added of builder.takeNodes()) writer.message(GRAPH.node, added)
}

function multiply(node: Node, use: MatrixUse, rounding: Rounding, builder: GraphBuilder): void {
  const [x = '', , bias = ''] = node.inputs
  const {source, precision} = rounding
  const result = use.isTable
    ? embedding(builder, shapeOf(use), source, precision).logits(x)
    : linear(builder, x, shapeOf(use), '', source, precision)
  // A Gemm's bias may have any shape that fits, an operator's own only one.
  if (bias === '') builder.node('Identity', [result], {outputs: node.outputs})
  else builder.node('Add', [result, bias], {outputs: node.outputs})
}

function roundBranches(node: Uint8Array, rounding: Rounding, builder: GraphBuilder): MessageWriter {
  return rewriteMessage(node, (field, attribute) => {
    if (field.number !== NODE.attribute) return undefined
    const holdsGraph = [...readFields(attribute())].some(isGraph)
    if (!holdsGraph) return undefined
    return rewriteMessage(attribute(), (inner, graph) =>
      isGraph(inner) ? roundGraph(graph(), rounding, builder.branch('')) : undefined,
    )
  })
}

function isGraph(field: Field): boolean {
  return field.number === ATTRIBUTE.graph || field.number === ATTRIBUTE.graphs
}

function shapeOf({tensor, isTurned}: MatrixUse): MatrixShape {
  const [rows = 0, columns = 0] = tensor.dims
  return {
    name: `${PREFIX}${tensor.name}`,
    outputs: isTurned ? rows : columns,
    inputs: isTurned ? columns : rows,
  }
}
