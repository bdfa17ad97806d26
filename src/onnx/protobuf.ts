import {SlmError} from '../errors.ts'

/**
 * The protobuf wire format, as far as ONNX needs it: fields are found and copied, never interpreted. A message is a
 * view on the file's bytes, so that reading a model of 2 GB copies nothing.
 */
export interface Field {
  readonly number: number
  /** 0 varint, 1 eight bytes, 2 length-delimited, 5 four bytes. */
  readonly wire: 0 | 1 | 2 | 5
  /** Offset of the tag within the message. */
  readonly at: number
  /** Payload: [start, end) within the message, without tag and length. */
  readonly start: number
  readonly end: number
}

/** Reads the fields of a message in their order. Throws SlmError `protobuf-broken` where the bytes are cut or wrong. */
export function* readFields(message: Uint8Array): Generator<Field, void, void> {
  let at = 0
  while (at < message.length) {
    const field = fieldAt(message, at)
    if (field.end > message.length)
      throw broken(`a field at byte ${at} ends ${field.end - message.length} bytes too late`)
    yield field
    at = field.end
  }
}

/** Most bytes of a tag and a length, which tell where a field begins and ends. */
export const LONGEST_HEAD = 20

/** The field whose tag stands at `at`; of a message that goes on beyond these bytes too, if its head is whole. */
export function fieldAt(message: Uint8Array, at: number): Field {
  const tag = readVarint(message, at)
  const number = Math.floor(tag.value / 8)
  const wire = tag.value % 8
  if (number < 1 || number > 0x1fffffff) throw broken(`field number ${number} at byte ${at}`)
  const [start, end] = payload(message, wire, tag.end)
  return {number, wire: wire as Field['wire'], at, start, end}
}

function payload(message: Uint8Array, wire: number, start: number): readonly [number, number] {
  if (wire === 0) return [start, readVarint(message, start).end]
  if (wire === 1) return [start, start + 8]
  if (wire === 5) return [start, start + 4]
  if (wire !== 2) throw broken(`wire type ${wire} before byte ${start}`)
  const length = readVarint(message, start)
  if (length.value < 0) throw broken(`a negative length at byte ${start}`)
  return [length.end, length.end + length.value]
}

/**
 * A varint as a signed 64-bit number, and the offset behind it. Beyond 2^53 the value is rounded; nothing here is
 * written back from the value.
 */
export function readVarint(message: Uint8Array, at: number): {readonly value: number; readonly end: number} {
  let low = 0
  let high = 0
  for (let index = 0; index < 10; index++) {
    const byte = message[at + index]
    if (byte === undefined) throw broken(`a number is cut at byte ${at + index}`)
    const bits = byte & 0x7f
    if (index < 4) low += bits * 2 ** (7 * index)
    else if (index === 4) {
      low += (bits & 0x0f) * 2 ** 28
      high += bits >> 4
    } else high += index === 9 ? (bits & 1) * 2 ** 31 : bits * 2 ** (7 * index - 32)
    if (byte < 0x80)
      return {value: (high >= 2 ** 31 ? high - 2 ** 32 : high) * 2 ** 32 + low, end: at + index + 1}
  }
  throw broken(`a number at byte ${at} is longer than ten bytes`)
}

export function bytesOf(message: Uint8Array, field: Field): Uint8Array {
  if (field.wire !== 2) throw broken(`field ${field.number} at byte ${field.at} should hold bytes`)
  return message.subarray(field.start, field.end)
}

export function textOf(message: Uint8Array, field: Field): string {
  const bytes = bytesOf(message, field)
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8')
}

/** The integers of a field that is repeated, whether packed or one by one. */
export function integersOf(message: Uint8Array, field: Field): readonly number[] {
  if (field.wire === 0) return [readVarint(message, field.start).value]
  if (field.wire !== 2) throw broken(`field ${field.number} at byte ${field.at} should hold integers`)
  const values: number[] = []
  for (let at = field.start; at < field.end; ) {
    const {value, end} = readVarint(message, at)
    values.push(value)
    at = end
  }
  return values
}

export function integerOf(message: Uint8Array, field: Field): number {
  if (field.wire !== 0) throw broken(`field ${field.number} at byte ${field.at} should hold an integer`)
  return readVarint(message, field.start).value
}

export function floatOf(message: Uint8Array, field: Field): number {
  if (field.wire !== 5) throw broken(`field ${field.number} at byte ${field.at} should hold a float`)
  return new DataView(message.buffer, message.byteOffset + field.start, 4).getFloat32(0, true)
}

export function broken(what: string): SlmError {
  return new SlmError('protobuf-broken', `not a readable ONNX graph: ${what}`, {
    hint: 'The file is cut, damaged or of another kind: copy or export it again.',
  })
}
