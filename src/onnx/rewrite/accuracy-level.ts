import {bytesOf, type Field, readFields, textOf} from '../protobuf.ts'
import {readNode} from '../read/model.ts'
import {ATTRIBUTE, ATTRIBUTE_TYPE, FUNCTION, GRAPH, MODEL, NODE} from '../schema.ts'
import {MessageWriter} from '../write/message-writer.ts'
import {rewriteMessage} from './rewrite-message.ts'

/** How MatMulNBits may compute: 0 and 1 in float32, 2 in float16, 4 with activations rounded to int8 (fast, not batch invariant). */
export type AccuracyLevel = 0 | 1 | 2 | 4

/**
 * Sets `accuracy_level` of every MatMulNBits of an ONNX file's bytes, nested graphs and functions included. At level 0
 * a row's result no longer depends on the batch it is in. Weights are not copied until the result is joined.
 */
export function setAccuracyLevel(model: Uint8Array, level: AccuracyLevel): Uint8Array {
  return rewriteMessage(model, (field, payload) => {
    if (field.number === MODEL.graph) return inGraph(payload(), level)
    if (field.number === MODEL.functions) return inFunction(payload(), level)
    return undefined
  }).toBytes()
}

function inGraph(graph: Uint8Array, level: AccuracyLevel): MessageWriter {
  return rewriteMessage(graph, (field, payload) =>
    field.number === GRAPH.node ? inNode(payload(), level) : undefined,
  )
}

function inFunction(body: Uint8Array, level: AccuracyLevel): MessageWriter {
  return rewriteMessage(body, (field, payload) =>
    field.number === FUNCTION.node ? inNode(payload(), level) : undefined,
  )
}

function inNode(node: Uint8Array, level: AccuracyLevel): MessageWriter | undefined {
  const attributes = [...readFields(node)].filter(({number}) => number === NODE.attribute)
  if (operatorOf(node) === 'MatMulNBits') {
    if ((readNode(node, 0).attributes.get('accuracy_level')?.integer ?? 0) === level) return undefined
    const isLevel = (field: Field): boolean =>
      field.number === NODE.attribute && nameOf(bytesOf(node, field)) === 'accuracy_level'
    const changed = rewriteMessage(node, (field) => (isLevel(field) ? levelAttribute(level) : undefined))
    return attributes.some(isLevel) ? changed : changed.message(NODE.attribute, levelAttribute(level))
  }
  const holdsGraph = attributes.some((field) => holdsGraphField(node.subarray(field.start, field.end)))
  if (!holdsGraph) return undefined
  return rewriteMessage(node, (field, payload) =>
    field.number === NODE.attribute && holdsGraphField(payload()) ? inAttribute(payload(), level) : undefined,
  )
}

function inAttribute(attribute: Uint8Array, level: AccuracyLevel): MessageWriter {
  return rewriteMessage(attribute, (field, payload) =>
    isGraph(field) ? inGraph(payload(), level) : undefined,
  )
}

function levelAttribute(level: AccuracyLevel): MessageWriter {
  return new MessageWriter()
    .text(ATTRIBUTE.name, 'accuracy_level')
    .integer(ATTRIBUTE.integer, level)
    .integer(ATTRIBUTE.type, ATTRIBUTE_TYPE.integer)
}

function operatorOf(node: Uint8Array): string {
  for (const field of readFields(node)) if (field.number === NODE.opType) return textOf(node, field)
  return ''
}

function nameOf(attribute: Uint8Array): string {
  for (const field of readFields(attribute))
    if (field.number === ATTRIBUTE.name) return textOf(attribute, field)
  return ''
}

function holdsGraphField(attribute: Uint8Array): boolean {
  return [...readFields(attribute)].some(isGraph)
}

function isGraph(field: Field): boolean {
  return field.number === ATTRIBUTE.graph || field.number === ATTRIBUTE.graphs
}
