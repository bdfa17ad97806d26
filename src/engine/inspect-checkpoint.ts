import {stat} from 'node:fs/promises'
import {join, relative} from 'node:path'
import {SlmError} from '../errors.ts'
import {type GraphFacts, graphFacts, readModelFile} from '../onnx/read/graph-facts.ts'
import {countParameters} from '../onnx/read/parameters.ts'
import {openTokenizer} from '../tokenizer/open-tokenizer.ts'
import {type CheckpointConfig, readCheckpointConfig} from './checkpoint-config.ts'
import {
  architectureOf,
  type CheckpointFiles,
  findCheckpointFiles,
  type GraphFiles,
  graphPaths,
} from './checkpoint-files.ts'
import {chooseDtype} from './choose-dtype.ts'
import {inexactReason} from './graph-source.ts'
import type {Architecture, Dtype} from './language-model.ts'
import {contextLength, vocabularySize} from './model-sizes.ts'
import {specialTokens} from './special-tokens.ts'

/** A value, or why there is none. */
export type Known<T> = T | {readonly missing: string}

export interface InspectedFile {
  /** Relative to the checkpoint's folder. */
  readonly path: string
  readonly bytes: number
  readonly opset: number
  readonly inputs: readonly string[]
  readonly externalFiles: readonly string[]
}

export interface Variant {
  readonly dtype: Dtype
  /** Opened when no dtype is asked for. */
  readonly isDefault: boolean
  readonly files: readonly InspectedFile[]
  /** `exact`, or why a row's numbers can depend on the rows beside it. */
  readonly batching: string
}

/** What a checkpoint folder holds, read without running it. */
export interface Inspection {
  readonly name: string
  readonly folder: string
  readonly architecture: Architecture
  readonly parameters: number
  readonly dtypes: readonly Dtype[]
  readonly files: readonly string[]
  readonly specialTokens: {
    readonly end: readonly number[]
    readonly pad: Known<number>
    readonly begin: Known<number>
    readonly decoderStart: Known<number>
  }
  readonly vocabulary: Known<number>
  readonly contextLength: Known<number>
  readonly tokenizer: Known<{
    readonly vocabulary: number
    readonly hasChatTemplate: boolean
    readonly digest: string
  }>
  /** As the checkpoint's own config.json says. */
  readonly training: Known<string>
  readonly variants: readonly Variant[]
  /** Everything that would keep a part of this folder from being used. */
  readonly problems: readonly string[]
}

/** Errors: those of finding the files and the special tokens. */
export async function inspectCheckpoint({
  name,
  folder,
}: {
  readonly name: string
  readonly folder: string
}): Promise<Inspection> {
  const config = await readCheckpointConfig(folder)
  const files = await findCheckpointFiles(folder, config)
  const chosen = defaultDtype(folder, files, config)
  const counted = graphPaths(files.byDtype.get(chosen ?? [...files.byDtype.keys()][0]!)!)
  const architecture = architectureOf([...files.byDtype.values()][0]!)
  const tokens = specialTokens(folder, config, architecture)
  const variants: Variant[] = []
  for (const [dtype, graphs] of files.byDtype)
    variants.push(await variant(folder, dtype, graphs, dtype === chosen))
  const tokenizer = await tokenizerOf(folder)
  const notNamed = {missing: 'no configuration file names it'}
  return {
    name,
    folder,
    architecture,
    parameters: countParameters(counted),
    dtypes: [...files.byDtype.keys()],
    files: [
      ...new Set(
        variants.flatMap((each) => each.files.flatMap(({path, externalFiles}) => [path, ...externalFiles])),
      ),
    ],
    specialTokens: {
      end: tokens.end,
      pad: tokens.pad ?? notNamed,
      begin: tokens.begin ?? notNamed,
      decoderStart: tokens.decoderStart ?? {
        missing: architecture === 'dec-only' ? 'a decoder-only model has none' : notNamed.missing,
      },
    },
    vocabulary: vocabularySize(config) ?? notNamed,
    contextLength: contextLength(config) ?? notNamed,
    tokenizer,
    training: training(config),
    variants,
    problems: problems(files, tokenizer),
  }
}

/** Undefined when the folder has several and none of them is the default; a folder with none complete is an error. */
function defaultDtype(folder: string, files: CheckpointFiles, config: CheckpointConfig): Dtype | undefined {
  try {
    return chooseDtype(folder, files, config, undefined)
  } catch (error) {
    if (files.byDtype.size > 1) return undefined
    throw error
  }
}

async function variant(
  folder: string,
  dtype: Dtype,
  graphs: GraphFiles,
  isDefault: boolean,
): Promise<Variant> {
  const files: InspectedFile[] = []
  let inexact: string | undefined
  for (const path of graphPaths(graphs)) {
    const facts: GraphFacts = graphFacts(readModelFile(path))
    inexact ??= inexactReason(facts.hasDynamicQuantize, facts.matMulNBitsLevels.includes(4))
    files.push({
      path: relative(folder, path),
      bytes: (await stat(path)).size,
      opset: facts.opset,
      inputs: facts.inputs.map((input) => input.name),
      externalFiles: facts.externalFiles.map((external) => relative(folder, join(path, '..', external))),
    })
  }
  return {dtype, isDefault, files, batching: inexact ?? 'exact'}
}

async function tokenizerOf(folder: string): Promise<Inspection['tokenizer']> {
  try {
    const {vocabulary, hasChatTemplate, digest} = await openTokenizer(folder)
    return {vocabulary, hasChatTemplate, digest}
  } catch (error) {
    if (error instanceof SlmError) return {missing: error.message}
    throw error
  }
}

function training(config: CheckpointConfig): Known<string> {
  const block = config.model?.['slm']
  if (typeof block !== 'object' || block === null)
    return {missing: 'the export does not say how it was trained'}
  if ('untrained' in block && block.untrained === true) return 'untrained (random weights)'
  if ('training' in block && typeof block.training === 'string') return block.training
  return {missing: 'config.json has an slm block that does not say it'}
}

function problems(files: CheckpointFiles, tokenizer: Inspection['tokenizer']): string[] {
  const missing = [...files.incomplete].map(
    ([dtype, file]) => `${dtype}: ${file} is missing, so this dtype cannot be opened`,
  )
  return 'missing' in tokenizer ? [...missing, `tokenizer: ${tokenizer.missing}`] : missing
}
