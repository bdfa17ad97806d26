import {readdir} from 'node:fs/promises'
import {join} from 'node:path'
import {SlmError} from '../errors.ts'
import type {CheckpointConfig} from './checkpoint-config.ts'
import {insideFolder} from './inside-folder.ts'
import type {Architecture, Dtype} from './language-model.ts'

/** The graphs that make one model, by how the exporter split them. */
export type GraphFiles =
  | {readonly kind: 'encoder-merged'; readonly encoder: string; readonly decoder: string}
  | {readonly kind: 'encoder-split'; readonly encoder: string; readonly first: string; readonly next: string}
  | {readonly kind: 'decoder'; readonly decoder: string}
  | {readonly kind: 'decoder-split'; readonly first: string; readonly next: string}

/** What a checkpoint folder holds: each dtype that is complete, and why others are not. */
export interface CheckpointFiles {
  readonly layout: 'exporter' | 'genai'
  readonly byDtype: ReadonlyMap<Dtype, GraphFiles>
  /** Dtypes of which a part is missing, with the missing file's name. */
  readonly incomplete: ReadonlyMap<Dtype, string>
}

const STEMS = [
  'encoder_model',
  'decoder_model_merged',
  'decoder_with_past_model',
  'decoder_model',
  'model',
] as const
type Stem = (typeof STEMS)[number]
type Found = Partial<Record<Stem, string>>

/** Suffixes of optimum and transformers.js; where both spellings exist the first one wins. */
const SUFFIXES: readonly (readonly [string, Dtype])[] = [
  ['', 'fp32'],
  ['_fp16', 'fp16'],
  ['_quantized', 'q8'],
  ['_q8', 'q8'],
  ['_q4f16', 'q4f16'],
  ['_q4', 'q4'],
  ['_int8', 'int8'],
  ['_uint8', 'uint8'],
  ['_bnb4', 'bnb4'],
]

/** Finds the graphs of a checkpoint folder. Errors: `model-folder-missing`, `model-file-missing`. */
export async function findCheckpointFiles(
  folder: string,
  config: CheckpointConfig,
): Promise<CheckpointFiles> {
  if (config.genai !== undefined) return findGenaiFile(folder, config.genai)
  const paths: string[] = []
  for (const sub of ['', 'onnx/']) {
    for (const name of await names(join(folder, sub), sub === '')) paths.push(`${sub}${name}`)
  }
  return sortGraphs(folder, paths)
}

/** Sorts the graphs among a folder's paths (relative, with `/`) into dtypes. Errors: `model-file-missing`. */
export function sortGraphs(folder: string, paths: readonly string[]): CheckpointFiles {
  const found = new Map<Dtype, Found>()
  // At the root first, then under onnx/: the first of a name wins.
  for (const path of paths.filter((each) => !each.includes('/'))) addFile(found, path, join(folder, path))
  for (const path of paths.filter((each) => /^onnx\/[^/]+$/.test(each)))
    addFile(found, path.slice('onnx/'.length), join(folder, path))
  if (found.size === 0) {
    throw new SlmError(
      'model-file-missing',
      `${folder}: no model.onnx, encoder_model.onnx or decoder_model*.onnx here or under onnx/`,
      {
        hint: 'Export the checkpoint with: optimum-cli export onnx --model NAME --task text-generation-with-past (or text2text-generation-with-past) FOLDER',
      },
    )
  }
  const hasEncoder = [...found.values()].some((files) => files.encoder_model !== undefined)
  const byDtype = new Map<Dtype, GraphFiles>()
  const incomplete = new Map<Dtype, string>()
  for (const [dtype, files] of found) {
    const graphs = hasEncoder ? encoderDecoderFiles(files) : decoderFiles(files)
    if (typeof graphs === 'string') incomplete.set(dtype, graphs)
    else byDtype.set(dtype, graphs)
  }
  return {layout: 'exporter', byDtype, incomplete}
}

/** The architecture that a set of graphs has: an encoder makes it encoder-decoder. */
export function architectureOf(files: GraphFiles): Architecture {
  return files.kind === 'encoder-merged' || files.kind === 'encoder-split' ? 'enc-dec' : 'dec-only'
}

/** Every graph file of the set, encoder first. */
export function graphPaths(files: GraphFiles): string[] {
  switch (files.kind) {
    case 'encoder-merged':
      return [files.encoder, files.decoder]
    case 'encoder-split':
      return [files.encoder, files.first, files.next]
    case 'decoder':
      return [files.decoder]
    case 'decoder-split':
      return [files.first, files.next]
  }
}

function addFile(found: Map<Dtype, Found>, name: string, path: string): void {
  for (const [suffix, dtype] of SUFFIXES) {
    const stem = STEMS.find((each) => name === `${each}${suffix}.onnx`)
    if (stem === undefined) continue
    const files = found.get(dtype) ?? {}
    files[stem] ??= path
    found.set(dtype, files)
  }
}

/** The graphs, or the name of the file that is missing. The merged decoder is preferred: it holds the weights once. */
function encoderDecoderFiles(files: Found): GraphFiles | string {
  const encoder = files.encoder_model
  if (encoder === undefined) return 'encoder_model'
  if (files.decoder_model_merged !== undefined)
    return {kind: 'encoder-merged', encoder, decoder: files.decoder_model_merged}
  if (files.decoder_model === undefined) return 'decoder_model_merged (or decoder_model)'
  if (files.decoder_with_past_model === undefined) return 'decoder_with_past_model'
  return {kind: 'encoder-split', encoder, first: files.decoder_model, next: files.decoder_with_past_model}
}

function decoderFiles(files: Found): GraphFiles | string {
  const single = files.model ?? files.decoder_model_merged
  if (single !== undefined) return {kind: 'decoder', decoder: single}
  if (files.decoder_model !== undefined && files.decoder_with_past_model !== undefined) {
    return {kind: 'decoder-split', first: files.decoder_model, next: files.decoder_with_past_model}
  }
  return files.decoder_model === undefined ? 'model' : 'decoder_with_past_model'
}

function findGenaiFile(folder: string, genai: NonNullable<CheckpointConfig['genai']>): CheckpointFiles {
  const {decoder, encoder, type} = genai.model
  if (encoder !== undefined || decoder?.pipeline !== undefined || decoder === undefined) {
    throw new SlmError(
      'model-not-supported',
      `${folder}: genai_config.json describes a "${type}" model of several graphs`,
      {
        hint: 'Of ONNX Runtime GenAI folders, decoder-only models in one graph are supported.',
      },
    )
  }
  const file = decoder.filename ?? 'model.onnx'
  const path = insideFolder(folder, file, `${folder}/genai_config.json`)
  // The graph itself says what it was quantised to; the engine replaces this name after reading it.
  return {
    layout: 'genai',
    byDtype: new Map([['fp32', {kind: 'decoder', decoder: path}]]),
    incomplete: new Map(),
  }
}

async function names(folder: string, required: boolean): Promise<string[]> {
  try {
    return (await readdir(folder)).sort()
  } catch (cause) {
    if (!required) return []
    throw new SlmError('model-folder-missing', `${folder}: no such folder`, {
      hint: 'Give a checkpoint folder, a name from `slm model list`, or a hub id such as owner/name.',
      cause,
    })
  }
}
