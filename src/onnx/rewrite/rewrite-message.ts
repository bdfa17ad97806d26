import {bytesOf, type Field, readFields} from '../protobuf.ts'
import {MessageWriter} from '../write/message-writer.ts'

/** What becomes of a field: a new message in its place, nothing at all, or (undefined) the very bytes it had. */
export type Replacement = MessageWriter | 'drop' | undefined

/**
 * Copies a protobuf message, replacing chosen fields. What is not replaced keeps its bytes, fields that this program
 * does not know included.
 */
export function rewriteMessage(
  message: Uint8Array,
  replace: (field: Field, payload: () => Uint8Array) => Replacement,
): MessageWriter {
  const writer = new MessageWriter()
  let copied = 0
  for (const field of readFields(message)) {
    const replacement = replace(field, () => bytesOf(message, field))
    if (replacement === undefined) continue
    if (field.at > copied) writer.raw(message.subarray(copied, field.at))
    if (replacement !== 'drop') writer.message(field.number, replacement)
    copied = field.end
  }
  if (copied < message.length) writer.raw(message.subarray(copied))
  return writer
}
