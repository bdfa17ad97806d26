import {broken, bytesOf, integerOf, integersOf, readFields, textOf} from '../protobuf.ts'
import {BITS, type DataType, dataTypeName, ENTRY, TENSOR} from '../schema.ts'

/** A weight or constant of a graph; its values stay where they are until somebody asks for them. */
export interface Tensor {
  readonly name: string
  readonly dataType: DataType | `other-${number}`
  readonly dims: readonly number[]
  readonly data: TensorData
}

export type TensorData =
  /** Little-endian elements, row-major, inside the graph's own bytes. */
  | {readonly kind: 'raw'; readonly bytes: Uint8Array}
  /** Elements in protobuf's own number fields. */
  | {readonly kind: 'typed'; readonly values: readonly number[]}
  /** Elements in a file beside the graph. `length` is undefined where the graph leaves it to the shape. */
  | {
      readonly kind: 'external'
      readonly location: string
      readonly offset: number
      readonly length: number | undefined
    }

export function elementCount(dims: readonly number[]): number {
  return dims.reduce((product, dim) => product * dim, 1)
}

/** Bytes that the elements take in raw or external form; undefined for types of unknown width. */
export function byteCount(tensor: Tensor): number | undefined {
  const bits = BITS[tensor.dataType as DataType]
  return bits ? Math.ceil((elementCount(tensor.dims) * bits) / 8) : undefined
}

export function readTensor(bytes: Uint8Array): Tensor {
  const dims: number[] = []
  const values: number[] = []
  const entries = new Map<string, string>()
  let name = ''
  let dataType: Tensor['dataType'] = 'other-0'
  let raw: Uint8Array | undefined
  let isExternal = false
  for (const field of readFields(bytes)) {
    if (field.number === TENSOR.dims) dims.push(...integersOf(bytes, field))
    else if (field.number === TENSOR.dataType) dataType = dataTypeName(integerOf(bytes, field))
    else if (field.number === TENSOR.name) name = textOf(bytes, field)
    else if (field.number === TENSOR.rawData) raw = bytesOf(bytes, field)
    else if (field.number === TENSOR.dataLocation) isExternal = integerOf(bytes, field) === 1
    else if (field.number === TENSOR.externalData) readEntry(bytesOf(bytes, field), entries)
    else if (field.number === TENSOR.int32Data || field.number === TENSOR.int64Data)
      for (const value of integersOf(bytes, field)) values.push(value)
    else if (field.number === TENSOR.floatData) readFloats(bytes.subarray(field.start, field.end), values)
  }
  if (dims.some((dim) => dim < 0)) throw broken(`the tensor ${name} has a negative dimension`)
  if (isExternal) return {name, dataType, dims, data: externalData(name, entries)}
  return {name, dataType, dims, data: raw ? {kind: 'raw', bytes: raw} : {kind: 'typed', values}}
}

function readEntry(bytes: Uint8Array, entries: Map<string, string>): void {
  let key = ''
  let value = ''
  for (const field of readFields(bytes)) {
    if (field.number === ENTRY.key) key = textOf(bytes, field)
    else if (field.number === ENTRY.value) value = textOf(bytes, field)
  }
  entries.set(key, value)
}

/** Four bytes each; the field is packed, or appears once for every value. */
function readFloats(bytes: Uint8Array, values: number[]): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  for (let at = 0; at + 4 <= bytes.length; at += 4) values.push(view.getFloat32(at, true))
}

function externalData(name: string, entries: ReadonlyMap<string, string>): TensorData {
  const location = entries.get('location')
  const offset = Number(entries.get('offset') ?? 0)
  const length = entries.has('length') ? Number(entries.get('length')) : undefined
  const isWrong = (value: number): boolean => !Number.isSafeInteger(value) || value < 0
  if (!location || isWrong(offset) || (length !== undefined && isWrong(length)))
    throw broken(`the tensor ${name} says wrongly where its external data lies`)
  return {kind: 'external', location, offset, length}
}
