import {bytesOf, readFields} from '../protobuf.ts'
import {graphFacts} from '../read/graph-facts.ts'
import {type Model, readModel, readNode, readValueInfo} from '../read/model.ts'
import {
  ATTRIBUTE,
  ATTRIBUTE_TYPE,
  DIMENSION,
  GRAPH,
  MODEL,
  NODE,
  SHAPE,
  TENSOR_TYPE,
  TYPE,
  VALUE_INFO,
} from '../schema.ts'
import {MessageWriter} from '../write/message-writer.ts'
import {valueInfo} from '../write/value-info.ts'
import {findHead, type Head} from './output-head.ts'
import {rewriteMessage} from './rewrite-message.ts'

/**
 * The input that a rewritten graph has beside its own: int64 (batch, kept, 1), the positions of each row whose logits
 * are wanted, counted from the first column of `input_ids`. `logits` then is (batch, kept, vocabulary).
 */
export const KEPT_POSITIONS = 'slm_kept_positions'

export type KeptLogits =
  | {readonly kind: 'rewritten'; readonly model: Uint8Array}
  | {readonly kind: 'unchanged'; readonly why: string}

/**
 * Makes a decoder-only graph compute logits at chosen positions only: the output head, a large part of a small model's
 * prefill, then runs on the last position of each row instead of on the whole prompt. The other outputs and the logits
 * at the kept positions are what they were, whichever side is padded.
 */
export function keepLogitsAt(bytes: Uint8Array): KeptLogits {
  const model = readModel(bytes)
  const obstacle = obstacleOf(model)
  if (obstacle !== undefined) return {kind: 'unchanged', why: obstacle}
  const head = findHead(model.graph)
  if (head.kind === 'unknown') return {kind: 'unchanged', why: head.why}
  const writer = rewriteMessage(bytes, (field, payload) =>
    field.number === MODEL.graph ? rewriteGraph(payload(), head) : undefined,
  )
  return {kind: 'rewritten', model: writer.toBytes()}
}

function obstacleOf(model: Model): string | undefined {
  const {inputs, outputs, opset} = graphFacts(model)
  const names = inputs.map(({name}) => name)
  const logits = outputs.find(({name}) => name === 'logits')
  if (names.includes(KEPT_POSITIONS)) return 'the graph already takes positions'
  if (names.some((name) => name === 'num_logits_to_keep' || name === 'logits_to_keep'))
    return 'the graph has its own input for it'
  if (!names.includes('input_ids')) return 'the graph takes no input_ids'
  if (names.includes('encoder_hidden_states'))
    return "an encoder-decoder's first step is one position already"
  if (logits === undefined) return 'the graph has no output named logits'
  if (logits.dims.length !== 3) return `logits have ${logits.dims.length} axes, not 3`
  if (logits.dims[1] === 1) return 'the graph gives one position already'
  if (opset < 12) return `operator set ${opset} has no GatherND with batches`
  return undefined
}

function rewriteGraph(graph: Uint8Array, head: Extract<Head, {kind: 'found'}>): MessageWriter {
  const downstream = new Set(head.downstream)
  const writer = new MessageWriter()
  const gathered = `${head.input}__kept`
  for (const field of readFields(graph)) {
    const payload = (): Uint8Array => bytesOf(graph, field)
    if (field.number === GRAPH.node && readNode(payload(), 0).outputs.includes(head.output)) {
      writer.message(GRAPH.node, gatherNode(head.input, gathered))
      writer.message(GRAPH.node, withFirstInput(payload(), gathered))
    } else if (field.number === GRAPH.output && readValueInfo(payload()).name === 'logits')
      writer.message(GRAPH.output, withKeptAxis(payload()))
    // Shapes noted for what the head and the nodes behind it give no longer hold.
    else if (field.number === GRAPH.valueInfo && downstream.has(readValueInfo(payload()).name)) continue
    else writer.raw(graph.subarray(field.at, field.end))
  }
  return writer.message(GRAPH.input, valueInfo(KEPT_POSITIONS, 'int64', ['batch_size', 'slm_kept', 1]))
}

function gatherNode(data: string, output: string): MessageWriter {
  const batchDims = new MessageWriter()
    .text(ATTRIBUTE.name, 'batch_dims')
    .integer(ATTRIBUTE.integer, 1)
    .integer(ATTRIBUTE.type, ATTRIBUTE_TYPE.integer)
  return new MessageWriter()
    .text(NODE.input, data)
    .text(NODE.input, KEPT_POSITIONS)
    .text(NODE.output, output)
    .text(NODE.name, `${output}_node`)
    .text(NODE.opType, 'GatherND')
    .message(NODE.attribute, batchDims)
}

function withFirstInput(node: Uint8Array, input: string): MessageWriter {
  const writer = new MessageWriter()
  let isFirst = true
  for (const field of readFields(node)) {
    if (field.number === NODE.input && isFirst) writer.text(NODE.input, input)
    else writer.raw(node.subarray(field.at, field.end))
    if (field.number === NODE.input) isFirst = false
  }
  return writer
}

/** `logits` with its middle axis renamed: ONNX Runtime plans memory by the names of dimensions. */
function withKeptAxis(output: Uint8Array): MessageWriter {
  return rewriteMessage(output, (field, type) => {
    if (field.number !== VALUE_INFO.type) return undefined
    return rewriteMessage(type(), (typeField, tensor) => {
      if (typeField.number !== TYPE.tensor) return undefined
      return rewriteMessage(tensor(), (tensorField, shape) =>
        tensorField.number === TENSOR_TYPE.shape ? renameAxis(shape()) : undefined,
      )
    })
  })
}

function renameAxis(shape: Uint8Array): MessageWriter {
  let axis = 0
  return rewriteMessage(shape, (field) => {
    if (field.number !== SHAPE.dimension) return undefined
    return axis++ === 1 ? new MessageWriter().text(DIMENSION.name, 'slm_kept') : undefined
  })
}
