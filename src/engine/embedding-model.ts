import {readFile} from 'node:fs/promises'
import {join} from 'node:path'
import {z} from 'zod'
import {SlmError} from '../errors.ts'
import {readCheckpointConfig} from './checkpoint-config.ts'
import {findCheckpointFiles, graphPaths} from './checkpoint-files.ts'
import {chooseDtype} from './choose-dtype.ts'
import {integers, padPrompts} from './feeds.ts'
import {digestFiles} from './file-digest.ts'
import type {Dtype} from './language-model.ts'
import {deviceNamed, type OpenSession, openSession} from './session.ts'

export interface OpenEmbeddingModelOptions {
  /** A folder that exists. */
  readonly folder: string
  readonly dtype?: Dtype | undefined
  readonly device?: string | undefined
  readonly threads?: number | undefined
}

export interface EmbeddingFacts {
  readonly dtype: Dtype
  /** sha256 over the graph file. */
  readonly digest: string
  /** Longer texts are cut to so many tokens: what tokenizer.json says, else the positions that the model has. */
  readonly maxTokens: number
}

/** A text encoder whose last hidden states are averaged to one vector a text (sentence-transformers: mean pooling, L2 norm). */
export interface EmbeddingModel {
  readonly facts: EmbeddingFacts
  /** `rows[row]`: token ids with the special tokens; at least one row, none empty. Returns a vector of norm 1 for each. */
  embed(rows: readonly (readonly number[])[]): Promise<Float32Array[]>
  close(): Promise<void>
}

const OUTPUT = 'last_hidden_state'
const INPUTS = ['input_ids', 'attention_mask', 'token_type_ids']
/** Positions of a BERT where config.json names none. */
const DEFAULT_POSITIONS = 512

const limits = z.looseObject({max_position_embeddings: z.int().positive().optional()})
const tokenizerFile = z.looseObject({truncation: z.looseObject({max_length: z.int().positive()}).nullish()})

/** Opens an encoder of the layout that transformers.js reads. Errors: SlmError, naming the file, input or output. */
export async function openEmbeddingModel(options: OpenEmbeddingModelOptions): Promise<EmbeddingModel> {
  const {folder, threads} = options
  const config = await readCheckpointConfig(folder)
  const files = await findCheckpointFiles(folder, config)
  const dtype = chooseDtype(folder, files, config, options.dtype)
  const [file, ...others] = graphPaths(files.byDtype.get(dtype)!)
  if (file === undefined || others.length > 0)
    throw new SlmError('model-not-supported', `${folder} is no embedding checkpoint: it has several graphs`, {
      hint: 'Give a text encoder of one graph, such as an export of all-MiniLM-L6-v2.',
    })
  const digest = await digestFiles([file])
  const session = await openSession(
    {kind: 'file', file},
    {device: deviceNamed(options.device ?? 'cpu'), threads},
  )
  try {
    checkNames(session)
    const facts = {dtype, digest, maxTokens: await maxTokensOf(folder)}
    return {facts, embed: (rows) => embed(session, facts, rows), close: () => session.close()}
  } catch (error) {
    await session.close()
    throw error
  }
}

function checkNames({file, inputNames, outputNames}: OpenSession): void {
  const unknown = inputNames.find((name) => !INPUTS.includes(name))
  const missing = ['input_ids', 'attention_mask'].find((name) => !inputNames.includes(name))
  if (unknown === undefined && missing === undefined && outputNames.includes(OUTPUT)) return
  const what =
    unknown !== undefined
      ? `takes "${unknown}"`
      : missing !== undefined
        ? `does not take "${missing}"`
        : `does not give "${OUTPUT}"`
  throw new SlmError('graph-not-supported', `${file} is no text encoder that gives embeddings: it ${what}`, {
    hint: 'Export with: optimum-cli export onnx --model NAME --task feature-extraction FOLDER',
  })
}

async function maxTokensOf(folder: string): Promise<number> {
  const read = async (name: string): Promise<unknown> =>
    JSON.parse(await readFile(join(folder, name), 'utf8').catch(() => '{}'))
  const {truncation} = tokenizerFile.parse(await read('tokenizer.json'))
  const {max_position_embeddings: positions = DEFAULT_POSITIONS} = limits.parse(await read('config.json'))
  return Math.min(truncation?.max_length ?? positions, positions)
}

async function embed(
  session: OpenSession,
  {maxTokens}: EmbeddingFacts,
  rows: readonly (readonly number[])[],
): Promise<Float32Array[]> {
  const cut = rows.map((ids) => cutIds(ids, maxTokens))
  const length = Math.max(...cut.map((ids) => ids.length))
  const {ids, mask} = padPrompts(cut, 'right', 0, length)
  const dims = [cut.length, length]
  const feeds = {
    input_ids: integers('int64', ids, dims),
    attention_mask: integers('int64', mask, dims),
    ...(session.inputNames.includes('token_type_ids')
      ? {token_type_ids: integers('int64', new Int32Array(ids.length), dims)}
      : {}),
  }
  const outputs = await session.run(feeds, [OUTPUT])
  const states = outputs[OUTPUT]!
  const {data} = states
  if (!(data instanceof Float32Array))
    throw new SlmError('graph-not-supported', `${session.file}: ${OUTPUT} is ${states.type}, not float32`)
  return cut.map((row, at) => meanVector(data, at * length, row.length, states.dims.at(-1)!))
}

/** Keeps the last token, which ends a text ([SEP]). */
function cutIds(ids: readonly number[], most: number): readonly number[] {
  return ids.length <= most ? ids : [...ids.slice(0, most - 1), ids.at(-1)!]
}

/**
 * The mean of the real tokens' states, scaled to norm 1. `states`: (rows, length, width), row-major; the row's tokens stand at
 * `first` .. `first + count - 1`, padding behind them.
 */
function meanVector(states: Float32Array, first: number, count: number, width: number): Float32Array {
  const sums = new Float64Array(width)
  for (let token = first; token < first + count; token += 1)
    for (let index = 0; index < width; index += 1) sums[index]! += states[token * width + index]!
  const norm = Math.sqrt(sums.reduce((sum, value) => sum + value * value, 0))
  return Float32Array.from(sums, (value) => value / norm)
}
