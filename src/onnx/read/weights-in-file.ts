import {existsSync, fstatSync, realpathSync} from 'node:fs'
import {basename, dirname} from 'node:path'
import {SlmError} from '../../errors.ts'
import {broken, type Field, fieldAt, LONGEST_HEAD} from '../protobuf.ts'
import {ATTRIBUTE, ENTRY, GRAPH, MODEL, NODE, TENSOR} from '../schema.ts'
import {MessageWriter} from '../write/message-writer.ts'
import {readRange, withFile} from './file.ts'

/** Weights below this many bytes are part of the graph: shapes and other constants, which are read when it is opened. */
const LEAST_BYTES = 4096
/** Bytes that are read at once while looking for fields. */
const WINDOW = 2 ** 16

export interface GraphWithWeightsInFile {
  /** The graph; its large weights are external data, and lie where they lie in the ONNX file itself. */
  readonly bytes: Uint8Array
  /** Where that file lies, links followed. */
  readonly folder: string
}

/**
 * An ONNX file without its large weights, which it names as external data at their places in this very file. ONNX Runtime
 * then maps them, where otherwise it would read the file into a message, copy each weight out of it, and keep the holes.
 * Undefined where that would change nothing or is not allowed: no large weight, external data already, a file with
 * several hard links (ONNX Runtime takes no external data from such), or one that cannot be read as ONNX.
 */
export function graphWithWeightsInFile(path: string): GraphWithWeightsInFile | undefined {
  if (!existsSync(path)) return undefined
  const file = realpathSync(path)
  try {
    return withFile(file, (descriptor) => {
      const {nlink, size} = fstatSync(descriptor)
      if (nlink > 1) return undefined
      const scan = new FileScan(descriptor, file, size)
      const bytes = withoutWeights(scan).toBytes()
      return scan.moved === 0 || scan.hasExternal ? undefined : {bytes, folder: dirname(file)}
    })
  } catch (error) {
    if (error instanceof SlmError && error.code === 'protobuf-broken') return undefined
    throw error
  }
}

/** A file's bytes by position, without holding it. */
class FileScan {
  readonly name: string
  readonly size: number
  /** Bytes of weights that were left where they are. */
  moved = 0
  hasExternal = false
  private readonly descriptor: number
  private readonly path: string
  private window: Uint8Array = new Uint8Array()
  private windowStart = 0

  constructor(descriptor: number, path: string, size: number) {
    this.descriptor = descriptor
    this.path = path
    this.name = basename(path)
    this.size = size
  }

  /** Bytes [start, end). */
  read(start: number, end: number): Uint8Array {
    if (end - start > WINDOW) return readRange(this.descriptor, start, end - start, this.path)
    if (start < this.windowStart || end > this.windowStart + this.window.length) {
      this.windowStart = start
      this.window = readRange(this.descriptor, start, Math.min(WINDOW, this.size - start), this.path)
    }
    return this.window.subarray(start - this.windowStart, end - this.windowStart)
  }

  /** The fields of the message [start, end), at positions in the file. */
  *fields(start: number, end: number): Generator<Field, void, void> {
    let at = start
    while (at < end) {
      const field = fieldAt(this.read(at, Math.min(end, at + LONGEST_HEAD)), 0)
      if (at + field.end > end)
        throw broken(`a field at byte ${at} ends ${at + field.end - end} bytes too late`)
      yield {...field, at, start: at + field.start, end: at + field.end}
      at += field.end
    }
  }

  /** The message [start, end) with some fields written anew, the others as they are. */
  rewritten(start: number, end: number, replace: (field: Field) => MessageWriter | undefined): MessageWriter {
    const writer = new MessageWriter()
    for (const field of this.fields(start, end)) {
      const replacement = replace(field)
      if (replacement === undefined) writer.raw(this.read(field.at, field.end))
      else writer.message(field.number, replacement)
    }
    return writer
  }
}

function withoutWeights(scan: FileScan): MessageWriter {
  return scan.rewritten(0, scan.size, (field) =>
    field.number === MODEL.graph ? inGraph(scan, field) : undefined,
  )
}

function inGraph(scan: FileScan, graph: Field): MessageWriter {
  return scan.rewritten(graph.start, graph.end, (field) => {
    if (field.number === GRAPH.initializer) return inTensor(scan, field)
    // Graphs nest in nodes; one that is small holds no large weight.
    if (field.number === GRAPH.node && field.end - field.start >= LEAST_BYTES) return inNode(scan, field)
    return undefined
  })
}

function inNode(scan: FileScan, node: Field): MessageWriter {
  return scan.rewritten(node.start, node.end, (field) =>
    field.number === NODE.attribute && field.end - field.start >= LEAST_BYTES
      ? scan.rewritten(field.start, field.end, (part) =>
          part.number === ATTRIBUTE.graph || part.number === ATTRIBUTE.graphs
            ? inGraph(scan, part)
            : undefined,
        )
      : undefined,
  )
}

/** A weight's name, type and shape with its place in the file; undefined for a small one. */
function inTensor(scan: FileScan, tensor: Field): MessageWriter | undefined {
  const fields = [...scan.fields(tensor.start, tensor.end)]
  if (fields.some(({number}) => number === TENSOR.externalData)) scan.hasExternal = true
  const raw = fields.findLast(({number}) => number === TENSOR.rawData)
  if (raw === undefined || raw.end - raw.start < LEAST_BYTES) return undefined
  const writer = new MessageWriter()
  for (const field of fields)
    if (field.number !== TENSOR.rawData && field.number !== TENSOR.dataLocation)
      writer.raw(scan.read(field.at, field.end))
  const entry = (key: string, value: string): MessageWriter =>
    new MessageWriter().text(ENTRY.key, key).text(ENTRY.value, value)
  scan.moved += raw.end - raw.start
  return writer
    .message(TENSOR.externalData, entry('location', scan.name))
    .message(TENSOR.externalData, entry('offset', String(raw.start)))
    .message(TENSOR.externalData, entry('length', String(raw.end - raw.start)))
    .integer(TENSOR.dataLocation, 1)
}
