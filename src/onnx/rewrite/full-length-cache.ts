import {bytesOf, readFields, textOf} from '../protobuf.ts'
import {ATTRIBUTE, GRAPH, MODEL, NODE} from '../schema.ts'
import type {MessageWriter} from '../write/message-writer.ts'
import {rewriteMessage} from './rewrite-message.ts'

/**
 * Drops `sliding_window_cache` from every GroupQueryAttention of an ONNX file's bytes, or gives back the same array where
 * none has it. With it a layer wants buffers of its window's size from the caller and evicts old positions itself;
 * without it the cache grows with the text and `local_window_size` alone hides what is older: the same numbers.
 */
export function withFullLengthCache(model: Uint8Array): Uint8Array {
  let found = false
  const rewritten = rewriteMessage(model, (field, graph) =>
    field.number === MODEL.graph
      ? rewriteMessage(graph(), (inner, node) => {
          if (inner.number !== GRAPH.node || !hasWindowCache(node())) return undefined
          found = true
          return withoutWindowCache(node())
        })
      : undefined,
  )
  return found ? rewritten.toBytes() : model
}

function hasWindowCache(node: Uint8Array): boolean {
  const fields = [...readFields(node)]
  const isAttention = fields.some(
    (field) => field.number === NODE.opType && textOf(node, field) === 'GroupQueryAttention',
  )
  return (
    isAttention &&
    fields.some((field) => field.number === NODE.attribute && isWindowCache(bytesOf(node, field)))
  )
}

function withoutWindowCache(node: Uint8Array): MessageWriter {
  return rewriteMessage(node, (field, attribute) =>
    field.number === NODE.attribute && isWindowCache(attribute()) ? 'drop' : undefined,
  )
}

function isWindowCache(attribute: Uint8Array): boolean {
  for (const field of readFields(attribute))
    if (field.number === ATTRIBUTE.name) return textOf(attribute, field) === 'sliding_window_cache'
  return false
}
