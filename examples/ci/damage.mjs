// Damages a checkpoint on purpose: turns the sign of every weight of the largest tensor of a graph. The file stays a valid
// ONNX model, so nothing but the answers can tell. Usage: node damage.mjs model.onnx
import {readFileSync, writeFileSync} from 'node:fs'
import process from 'node:process'

const FLOAT_BYTES = 4
// Field numbers of onnx.proto: ModelProto.graph, GraphProto.initializer, TensorProto.raw_data.
const GRAPH = 7
const INITIALIZER = 5
const RAW_DATA = 9

/** The length-delimited fields of a protobuf message that have this number, as [start, end) in the file. */
function fields(bytes, [start, end], wanted) {
  const found = []
  let at = start
  const varint = () => {
    let value = 0
    for (let scale = 1; ; scale *= 128) {
      const byte = bytes[at++]
      value += (byte % 128) * scale
      if (byte < 128) return value
    }
  }
  while (at < end) {
    const key = varint()
    const [number, kind] = [Math.floor(key / 8), key % 8]
    if (kind === 0) varint()
    else if (kind === 1) at += 8
    else if (kind === 5) at += 4
    else {
      const length = varint()
      if (number === wanted) found.push([at, at + length])
      at += length
    }
  }
  return found
}

export function damage(file) {
  const bytes = readFileSync(file)
  const graphs = fields(bytes, [0, bytes.length], GRAPH)
  const tensors = graphs.flatMap((graph) => fields(bytes, graph, INITIALIZER))
  const weights = tensors.flatMap((tensor) => fields(bytes, tensor, RAW_DATA))
  const [start, end] = weights.reduce((most, one) => (one[1] - one[0] > most[1] - most[0] ? one : most))
  for (let at = start + FLOAT_BYTES - 1; at < end; at += FLOAT_BYTES) bytes[at] ^= 0x80
  writeFileSync(file, bytes)
}

if (process.argv[1] === import.meta.filename) damage(process.argv[2])
