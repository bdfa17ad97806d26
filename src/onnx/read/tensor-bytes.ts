import {existsSync} from 'node:fs'
import {join} from 'node:path'
import {SlmError} from '../../errors.ts'
import type {DataType} from '../schema.ts'
import {readRange, withFile} from './file.ts'
import {byteCount, type Tensor} from './tensor.ts'

/**
 * A tensor's elements as little-endian bytes, row-major. External data is read from `folder`, the graph's own; a
 * location that leads out of it is refused, as ONNX Runtime does.
 */
export function tensorBytes(tensor: Tensor, folder: string): Buffer {
  const {data} = tensor
  if (data.kind === 'raw') return Buffer.from(data.bytes.buffer, data.bytes.byteOffset, data.bytes.byteLength)
  if (data.kind === 'typed') return encode(tensor.dataType as DataType, data.values)
  if (/^([/\\]|[a-z]:)|(^|[/\\])\.\.([/\\]|$)/i.test(data.location))
    throw new SlmError(
      'external-data-outside',
      `the tensor ${tensor.name} lies outside the model's folder: ${data.location}`,
      {
        hint: 'Export the model again with its data beside the graph.',
      },
    )
  const path = join(folder, data.location)
  if (!existsSync(path))
    throw new SlmError('external-data-missing', `${path} is missing: the graph keeps its weights there`, {
      hint: 'Copy the data file into the folder of the .onnx file.',
    })
  const length = data.length ?? byteCount(tensor) ?? 0
  return withFile(path, (descriptor) => readRange(descriptor, data.offset, length, path))
}

function encode(dataType: DataType, values: readonly number[]): Buffer {
  switch (dataType) {
    case 'float32':
      return bytesOf(Float32Array.from(values))
    case 'float64':
      return bytesOf(Float64Array.from(values))
    case 'int64':
    case 'uint64':
      return bytesOf(BigInt64Array.from(values, BigInt))
    case 'float16':
    case 'bfloat16':
    case 'uint16':
    case 'int16':
      return bytesOf(Uint16Array.from(values))
    case 'int32':
    case 'uint32':
      return bytesOf(Int32Array.from(values))
    default:
      return bytesOf(Uint8Array.from(values))
  }
}

function bytesOf(view: ArrayBufferView): Buffer {
  return Buffer.from(view.buffer, view.byteOffset, view.byteLength)
}
