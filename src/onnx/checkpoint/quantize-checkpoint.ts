import {copyFileSync, existsSync, readdirSync, statSync, writeFileSync} from 'node:fs'
import {basename, dirname, join, resolve} from 'node:path'
import {SlmError} from '../../errors.ts'
import type {Precision} from '../network/precision.ts'
import {readWholeFile} from '../read/file.ts'
import {allGraphs, readModel} from '../read/model.ts'
import {byteCount} from '../read/tensor.ts'
import {quantizeModel} from '../rewrite/quantize-model.ts'
import {WeightFile} from '../write/weight-file.ts'
import {makeFolder} from './make-folder.ts'
import {DTYPE_SUFFIX} from './write-checkpoint.ts'

export interface QuantizeRequest {
  readonly folder: string
  /** Where the result goes: the folder itself, or another one that gets the configuration and tokenizer too. */
  readonly out: string
  readonly precision: Precision
}

export interface QuantizedFile {
  /** Relative to the folder written to. */
  readonly file: string
  readonly matrices: number
  readonly values: number
  readonly bytesBefore: number
  readonly bytesAfter: number
}

/** The float32 graphs of a checkpoint, by the names that exporters give them. */
const GRAPHS = /^(encoder_model|decoder_model|decoder_with_past_model|decoder_model_merged|model)\.onnx$/
/** Beyond this a graph file passes protobuf's limit, or soon would. */
const LARGEST_INSIDE = 2 ** 30

/** Writes the small form of every float32 graph of a folder beside it, under the dtype's suffix. Reads and writes on disk. */
export function quantizeCheckpoint({folder, out, precision}: QuantizeRequest): readonly QuantizedFile[] {
  if (precision.dtype === 'fp32')
    throw new SlmError('dtype-unknown', 'fp32 is what is quantized, not a result')
  if (statSync(folder, {throwIfNoEntry: false})?.isDirectory() !== true)
    throw new SlmError('model-folder-missing', `${folder}: no such folder`, {
      hint: 'Give a checkpoint folder with float32 graphs.',
    })
  if (existsSync(join(folder, 'genai_config.json')))
    throw new SlmError(
      'layout-unsupported',
      `${folder} is a folder of ONNX Runtime GenAI, which names one file only`,
      {
        hint: 'Quantize with its own builder, or export the model with Optimum.',
      },
    )
  const all = graphFiles(folder)
  const graphs = all.filter((file) => GRAPHS.test(basename(file)))
  if (graphs.length === 0)
    throw new SlmError('graphs-missing', `${folder} holds no float32 graph${foundInstead(all)}`, {
      hint: 'Expected are model.onnx, or encoder_model.onnx with a decoder, at the root or under onnx/.',
    })
  if (resolve(out) !== resolve(folder)) copyRest(folder, out)
  return graphs.map((graph) => quantizeFile(join(folder, graph), out, dirname(graph), precision))
}

/** Files of graphs, relative to the folder. */
function graphFiles(folder: string): readonly string[] {
  return ['onnx', '.'].flatMap((place) =>
    existsSync(join(folder, place))
      ? readdirSync(join(folder, place))
          .filter((name) => name.endsWith('.onnx'))
          .sort()
          .map((name) => join(place, name))
      : [],
  )
}

function foundInstead(files: readonly string[]): string {
  return files.length === 0 ? '' : `, only ${files.join(', ')}`
}

function quantizeFile(path: string, out: string, place: string, precision: Precision): QuantizedFile {
  const suffix = DTYPE_SUFFIX[precision.dtype]
  const name = basename(path, '.onnx')
  const file = join(place, `${name}${suffix}.onnx`)
  makeFolder(join(out, place))
  const bytes = readWholeFile(path)
  const bytesBefore = bytes.length + externalBytes(bytes)
  const data =
    bytesBefore > LARGEST_INSIDE ? new WeightFile(join(out, place, `${name}${suffix}.onnx_data`)) : undefined
  try {
    const quantized = quantizeModel(bytes, dirname(path), precision, data)
    writeFileSync(join(out, file), quantized.bytes)
    const bytesAfter = quantized.bytes.length + (data?.bytes ?? 0)
    return {file, matrices: quantized.matrices, values: quantized.values, bytesBefore, bytesAfter}
  } finally {
    data?.close()
  }
}

/** Bytes of the graph's tensors that lie in other files, which may hold those of other graphs too. */
function externalBytes(graph: Uint8Array): number {
  const byPlace = new Map<string, number>()
  for (const {initializers} of allGraphs(readModel(graph).graph))
    for (const tensor of initializers) {
      const {data} = tensor
      if (data.kind === 'external')
        byPlace.set(`${data.offset} ${data.location}`, data.length ?? byteCount(tensor) ?? 0)
    }
  return [...byPlace.values()].reduce((sum, length) => sum + length, 0)
}

/** Configuration and tokenizer: every small file of the root that is no graph. */
function copyRest(folder: string, out: string): void {
  makeFolder(out)
  for (const entry of readdirSync(folder, {withFileTypes: true}))
    if (entry.isFile() && /\.(json|txt|model|jinja|md)$/.test(entry.name))
      copyFileSync(join(folder, entry.name), join(out, entry.name))
}
