import fc from 'fast-check'
import {describe, expect, it} from 'vitest'
import {
  bytesOf,
  floatOf,
  integerOf,
  integersOf,
  readFields,
  readVarint,
  textOf,
} from '../../src/onnx/protobuf.ts'
import {MessageWriter} from '../../src/onnx/write/message-writer.ts'

const only = (message: Uint8Array) => {
  const [field, ...others] = readFields(message)
  expect(others).toEqual([])
  return field!
}

describe('the protobuf wire format', () => {
  it('reads the examples of protobuf’s own documentation', () => {
    expect(readVarint(Uint8Array.of(0x96, 0x01), 0)).toEqual({value: 150, end: 2})
    const text = Uint8Array.of(0x12, 0x07, 0x74, 0x65, 0x73, 0x74, 0x69, 0x6e, 0x67)
    expect(textOf(text, only(text))).toBe('testing')
    const packed = Uint8Array.of(0x32, 0x06, 0x03, 0x8e, 0x02, 0x9e, 0xa7, 0x05)
    expect(integersOf(packed, only(packed))).toEqual([3, 270, 86942])
  })

  it('reads a negative number from its ten bytes', () => {
    const message = new MessageWriter().integer(3, -1).toBytes()
    expect(message.length).toBe(11)
    expect(integerOf(message, only(message))).toBe(-1)
  })

  it('gives back every integer up to 2^53, every text, float and byte string', () => {
    fc.assert(
      fc.property(
        fc.integer({min: 1, max: 2 ** 29 - 1}),
        fc.maxSafeInteger(),
        fc.string({unit: 'grapheme'}),
        fc.float({noNaN: true}),
        fc.uint8Array(),
        (number, integer, text, float, bytes) => {
          const message = new MessageWriter()
            .integer(number, integer)
            .text(number, text)
            .float(number, float)
            .bytes(number, bytes)
            .toBytes()
          const [first, second, third, fourth] = [...readFields(message)]
          expect(integerOf(message, first!)).toBe(integer)
          expect(textOf(message, second!)).toBe(text)
          expect(Object.is(floatOf(message, third!), float)).toBe(true)
          expect([...bytesOf(message, fourth!)]).toEqual([...bytes])
        },
      ),
    )
  })

  it.each([
    ['a length beyond the end', [0x12, 0x07, 0x74], 'ends 6 bytes too late'],
    ['a number without its last byte', [0x08, 0x96], 'cut at byte 2'],
    ['eleven continued bytes', [0x08, ...Array<number>(11).fill(0xff)], 'longer than ten bytes'],
    ['a group', [0x0b], 'wire type 3'],
    ['field number 0', [0x00, 0x00], 'field number 0'],
  ])('refuses %s', (_, bytes, message) => {
    expect(() => [...readFields(Uint8Array.from(bytes))]).toThrow(message)
  })
})
