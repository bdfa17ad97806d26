/**
 * Writes one protobuf message. Nested messages and weights are kept as a list of pieces and joined once, at the end,
 * so that a large graph is copied one time only.
 */
export class MessageWriter {
  readonly pieces: Uint8Array[] = []
  length = 0

  /** Bytes that are already encoded, tags included. */
  raw(bytes: Uint8Array): this {
    this.pieces.push(bytes)
    this.length += bytes.length
    return this
  }

  integer(field: number, value: number | bigint): this {
    return this.raw(varint(BigInt(field) << 3n)).raw(varint(BigInt(value)))
  }

  float(field: number, value: number): this {
    const bytes = new Uint8Array(4)
    new DataView(bytes.buffer).setFloat32(0, value, true)
    return this.raw(varint((BigInt(field) << 3n) | 5n)).raw(bytes)
  }

  text(field: number, value: string): this {
    return this.bytes(field, Buffer.from(value, 'utf8'))
  }

  bytes(field: number, value: Uint8Array): this {
    return this.open(field, value.length).raw(value)
  }

  message(field: number, value: MessageWriter): this {
    this.open(field, value.length)
    for (const piece of value.pieces) this.raw(piece)
    return this
  }

  toBytes(): Uint8Array {
    return Buffer.concat(this.pieces, this.length)
  }

  private open(field: number, length: number): this {
    return this.raw(varint((BigInt(field) << 3n) | 2n)).raw(varint(BigInt(length)))
  }
}

/** Base-128, low bits first; negative numbers as 64-bit two's complement, as protobuf's int64 asks. */
function varint(value: bigint): Uint8Array {
  const bytes: number[] = []
  let rest = BigInt.asUintN(64, value)
  do {
    const byte = Number(rest & 0x7fn)
    rest >>= 7n
    bytes.push(rest > 0n ? byte | 0x80 : byte)
  } while (rest > 0n)
  return Uint8Array.from(bytes)
}
