/** Field numbers of onnx.proto (ONNX IR version 10), those that this program reads or writes. */
export const MODEL = {
  irVersion: 1,
  producerName: 2,
  graph: 7,
  opsetImport: 8,
  metadata: 14,
  functions: 25,
} as const
export const OPSET = {domain: 1, version: 2} as const
export const GRAPH = {node: 1, name: 2, initializer: 5, input: 11, output: 12, valueInfo: 13} as const
export const FUNCTION = {node: 7} as const
export const NODE = {input: 1, output: 2, name: 3, opType: 4, attribute: 5, domain: 7} as const
export const ATTRIBUTE = {
  name: 1,
  float: 2,
  integer: 3,
  text: 4,
  tensor: 5,
  graph: 6,
  floats: 7,
  integers: 8,
  graphs: 11,
  type: 20,
} as const
/** AttributeProto.AttributeType */
export const ATTRIBUTE_TYPE = {
  float: 1,
  integer: 2,
  text: 3,
  tensor: 4,
  graph: 5,
  floats: 6,
  integers: 7,
} as const
export const TENSOR = {
  dims: 1,
  dataType: 2,
  floatData: 4,
  int32Data: 5,
  int64Data: 7,
  name: 8,
  rawData: 9,
  externalData: 13,
  dataLocation: 14,
} as const
export const ENTRY = {key: 1, value: 2} as const
export const VALUE_INFO = {name: 1, type: 2} as const
export const TYPE = {tensor: 1} as const
export const TENSOR_TYPE = {elementType: 1, shape: 2} as const
export const SHAPE = {dimension: 1} as const
export const DIMENSION = {value: 1, name: 2} as const

/** TensorProto.DataType */
export const DATA_TYPE = {
  float32: 1,
  uint8: 2,
  int8: 3,
  uint16: 4,
  int16: 5,
  int32: 6,
  int64: 7,
  text: 8,
  bool: 9,
  float16: 10,
  float64: 11,
  uint32: 12,
  uint64: 13,
  bfloat16: 16,
  uint4: 21,
  int4: 22,
} as const
export type DataType = keyof typeof DATA_TYPE

/** Bits of one element; 0 for text. */
export const BITS: Readonly<Record<DataType, number>> = {
  float32: 32,
  uint8: 8,
  int8: 8,
  uint16: 16,
  int16: 16,
  int32: 32,
  int64: 64,
  text: 0,
  bool: 8,
  float16: 16,
  float64: 64,
  uint32: 32,
  uint64: 64,
  bfloat16: 16,
  uint4: 4,
  int4: 4,
}

/** The name of a data type's number, or `other-n` for one that this program does not compute with (complex, float8). */
export function dataTypeName(number: number): DataType | `other-${number}` {
  for (const [name, value] of Object.entries(DATA_TYPE)) if (value === number) return name as DataType
  return `other-${number}`
}
