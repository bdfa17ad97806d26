import {fstatSync} from 'node:fs'
import {z} from 'zod'
import {SlmError} from '../../errors.ts'
import {readRange, withFile} from '../read/file.ts'
import {ELEMENT_BYTES, type ElementType, elementReader} from './elements.ts'
import type {StateDict, StoredTensor} from './state-dict.ts'

const TYPES: Readonly<Record<string, ElementType>> = {
  F64: 'float64',
  F32: 'float32',
  F16: 'float16',
  BF16: 'bfloat16',
}
/** The format's own limit for the header. */
const LARGEST_HEADER = 100_000_000

const size = z.int().nonnegative()
const entrySchema = z.object({dtype: z.string(), shape: z.array(size), data_offsets: z.tuple([size, size])})
const headerSchema = z.record(z.string(), z.unknown())

/** Opens a .safetensors file from disk: eight bytes of header length, a JSON header, then the elements. */
export function readSafetensors(path: string): StateDict {
  return withFile(path, (descriptor) => {
    const fileBytes = fstatSync(descriptor).size
    if (fileBytes < 8) throw broken(path, 'it is shorter than its header')
    const headerBytes = Number(readRange(descriptor, 0, 8, path).readBigUInt64LE(0))
    if (headerBytes > LARGEST_HEADER || 8 + headerBytes > fileBytes)
      throw broken(path, `its header claims ${headerBytes} bytes of a file of ${fileBytes}`)
    const header = parseHeader(path, readRange(descriptor, 8, headerBytes, path).toString('utf8'))
    const start = 8 + headerBytes
    return new Map(
      Object.entries(header)
        .filter(([name]) => name !== '__metadata__')
        .map(([name, entry]) => [name, storedTensor(path, name, entry, start, fileBytes)]),
    )
  })
}

function parseHeader(path: string, text: string): Record<string, unknown> {
  try {
    return headerSchema.parse(JSON.parse(text))
  } catch (error) {
    throw broken(path, 'its header is not JSON', error)
  }
}

function storedTensor(
  path: string,
  name: string,
  entry: unknown,
  start: number,
  fileBytes: number,
): StoredTensor {
  const parsed = entrySchema.safeParse(entry)
  if (!parsed.success) throw broken(path, `the entry of ${name} is not one of a tensor`)
  const {dtype, shape, data_offsets: range} = parsed.data
  const [begin, end] = range
  const type = TYPES[dtype]
  const count = shape.reduce((product, dim) => product * dim, 1)
  if (start + end > fileBytes)
    throw broken(path, `${name} ends ${start + end - fileBytes} bytes behind the file`)
  const read = (): Float32Array => {
    if (!type)
      throw new SlmError('weights-unsupported', `${path}: ${name} has elements of type ${dtype}`, {
        hint: `Supported are ${Object.keys(TYPES).join(', ')}.`,
      })
    const bytes = withFile(path, (descriptor) => readRange(descriptor, start + begin, end - begin, path))
    return Float32Array.from({length: count}, numberedBy(elementReader(type, bytes)))
  }
  if (type && end - begin !== count * ELEMENT_BYTES[type])
    throw broken(path, `${name} has ${end - begin} bytes, its shape needs ${count * ELEMENT_BYTES[type]}`)
  return {dims: shape, read}
}

function numberedBy(at: (element: number) => number): (value: unknown, index: number) => number {
  return (_, index) => at(index)
}

function broken(path: string, what: string, cause?: unknown): SlmError {
  return new SlmError('weights-broken', `${path} is not a readable .safetensors file: ${what}`, {
    hint: 'The file is cut, damaged or of another kind: copy it again.',
    cause,
  })
}
