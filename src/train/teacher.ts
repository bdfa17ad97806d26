import {createHash} from 'node:crypto'
import {existsSync, readFileSync} from 'node:fs'
import {join} from 'node:path'
import {z} from 'zod'
import {type ArrayGraph, openArrayGraph, type TensorArray} from '../engine/array-graph.ts'
import {SlmError} from '../errors.ts'
import {KEPT_POSITIONS, keepLogitsAt} from '../onnx/rewrite/keep-logits.ts'
import {openTokenizer} from '../tokenizer/open-tokenizer.ts'
import type {Batch, Example} from './batch.ts'
import {forwardFlops} from './training-flops.ts'

/** config.json of a decoder-only checkpoint, as far as an empty cache and the count of operations need it. */
const configSchema = z.object({
  vocab_size: z.int().positive(),
  hidden_size: z.int().positive(),
  intermediate_size: z.int().positive(),
  num_hidden_layers: z.int().positive(),
  num_attention_heads: z.int().positive(),
  num_key_value_heads: z.int().positive().optional(),
  head_dim: z.int().positive().optional(),
})
type TeacherConfig = z.output<typeof configSchema>

/** What a teacher says about the answers of a batch, and nothing about its prompts. */
export interface Judgement {
  /** (rows * longest answer, vocabulary); the teacher's own array, which its next judgement fills anew. */
  readonly logits: TensorArray
  /** (rows * target length): for each position of the student's batch its row in the logits; 0 where it predicts no answer. */
  readonly rows: BigInt64Array
}

export interface Teacher {
  /** sha256 of its graph. */
  readonly digest: string
  /** The teacher reads the same prompts and answers, one after the other, and is cut to the student's vocabulary. */
  judge(examples: readonly Example[], batch: Batch, vocabulary: number): Promise<Judgement>
  /** Floating-point operations of that call's matrix products. */
  flopsFor(examples: readonly Example[]): number
  close(): Promise<void>
}

/** Opens a decoder-only checkpoint in float32 whose tokenizer is the student's. Errors: `teacher-unsuitable`. */
export async function openTeacher(
  folder: string,
  tokenizerDigest: string,
  vocabulary: number,
  threads: number,
): Promise<Teacher> {
  const graphFile = join(folder, 'onnx', 'model.onnx')
  if (!existsSync(graphFile)) throw unsuitable(folder, 'has no onnx/model.onnx: a decoder-only model in fp32')
  if (existsSync(join(folder, 'onnx', 'weights.onnx_data')))
    throw unsuitable(
      folder,
      'keeps its weights beside the graph: teachers of 50M parameters or more are not supported',
    )
  const config = readConfig(folder)
  const tokenizer = await openTokenizer(folder)
  if (tokenizer.digest !== tokenizerDigest) throw unsuitable(folder, 'has another tokenizer than the student')
  if (config.vocab_size < vocabulary)
    throw unsuitable(folder, `has ${config.vocab_size} tokens, the student ${vocabulary}`)
  const bytes = readFileSync(graphFile)
  const kept = keepLogitsAt(bytes)
  if (kept.kind === 'unchanged')
    throw unsuitable(folder, `gives logits that cannot be cut to the answers: ${kept.why}`)
  const graph = await openArrayGraph(kept.model, threads)
  const buffer = new GrowingArray()
  return {
    digest: createHash('sha256').update(bytes).digest('hex'),
    judge: async (examples, batch, wanted) => {
      const {logits, longest} = await readAnswers(graph, config, examples, buffer)
      const kept = cutTo(logits, config.vocab_size, wanted)
      return {
        logits: {data: kept, dims: [kept.length / wanted, wanted]},
        rows: rowsOf(batch, longest),
      }
    },
    flopsFor: (examples) => teacherFlops(config, examples),
    close: () => graph.close(),
  }
}

/** One array that is kept from call to call, since a new one of a hundred megabytes a step would be filled with zeros first. */
class GrowingArray {
  #values = new Float32Array(0)

  of(length: number): Float32Array {
    if (this.#values.length < length) this.#values = new Float32Array(length)
    return this.#values.subarray(0, length)
  }
}

interface AnswerLogits {
  /** (rows, longest answer, teacher's vocabulary) */
  readonly logits: Float32Array
  readonly longest: number
}

/** The teacher's logits for each answer's tokens; its head runs on these positions alone, not on the prompts. */
async function readAnswers(
  graph: ArrayGraph,
  config: TeacherConfig,
  examples: readonly Example[],
  buffer: GrowingArray,
): Promise<AnswerLogits> {
  const rows = examples.map(inputOf)
  const length = Math.max(...rows.map((row) => row.length))
  const longest = Math.max(...examples.map(({target}) => target.length))
  const dims = [rows.length, length]
  const headSize = config.head_dim ?? config.hidden_size / config.num_attention_heads
  const heads = config.num_key_value_heads ?? config.num_attention_heads
  const cache = {data: new Float32Array(0), dims: [rows.length, heads, 0, headSize]}
  const positions = integers([rows.length, longest], (row, at) => {
    const {source, target} = examples[row]!
    return source.length - 1 + Math.min(at, target.length - 1)
  })
  const inputs: Record<string, TensorArray> = {
    input_ids: integers(dims, (row, at) => rows[row]![at] ?? 0),
    attention_mask: integers(dims, (row, at) => (at < rows[row]!.length ? 1 : 0)),
    [KEPT_POSITIONS]: {data: positions.data, dims: [...positions.dims, 1]},
    ...(graph.inputNames.includes('position_ids') ? {position_ids: integers(dims, (_, at) => at)} : {}),
  }
  for (const name of graph.inputNames) if (name.startsWith('past_key_values.')) inputs[name] = cache
  const logits = buffer.of(rows.length * longest * config.vocab_size)
  await graph.run(inputs, {logits: {data: logits, dims: [rows.length, longest, config.vocab_size]}})
  return {logits, longest}
}

function rowsOf({answers, shape, lossWeights}: Batch, longest: number): BigInt64Array {
  const rows = new BigInt64Array(lossWeights.length)
  for (const [row, {start, length}] of answers.entries())
    for (let token = 0; token < length; token++)
      rows[row * shape.targetLength + start + token] = BigInt(row * longest + token)
  return rows
}

/** In place: each row moves to the front. Equal tokenizers seldom leave anything to cut. */
function cutTo(logits: Float32Array, from: number, to: number): Float32Array {
  if (from === to) return logits
  const rows = logits.length / from
  for (let row = 0; row < rows; row++) logits.copyWithin(row * to, row * from, row * from + to)
  return logits.subarray(0, rows * to)
}

function teacherFlops(config: TeacherConfig, examples: readonly Example[]): number {
  const heads = config.num_attention_heads
  const shape = {
    width: config.hidden_size,
    heads,
    keyValueHeads: config.num_key_value_heads ?? heads,
    headSize: config.head_dim ?? config.hidden_size / heads,
    feedForward: config.intermediate_size,
    encoderLayers: 0,
    decoderLayers: config.num_hidden_layers,
    vocabulary: config.vocab_size,
  }
  const rows = examples.length
  const targetLength = Math.max(...examples.map((example) => inputOf(example).length))
  const countedTokens = rows * Math.max(...examples.map(({target}) => target.length))
  return forwardFlops(shape, {rows, sourceLength: 0, targetLength, countedTokens})
}

/** Prompt and answer but for its last token, which predicts nothing. */
function inputOf({source, target}: Example): readonly number[] {
  return [...source, ...target.slice(0, -1)]
}

function integers(
  dims: readonly [number, number] | readonly number[],
  valueAt: (row: number, at: number) => number,
): {readonly data: BigInt64Array; readonly dims: readonly number[]} {
  const [rows = 0, length = 0] = dims
  const data = new BigInt64Array(rows * length)
  for (let row = 0; row < rows; row++)
    for (let at = 0; at < length; at++) data[row * length + at] = BigInt(valueAt(row, at))
  return {data, dims}
}

function readConfig(folder: string): TeacherConfig {
  try {
    return configSchema.parse(JSON.parse(readFileSync(join(folder, 'config.json'), 'utf8')))
  } catch (cause) {
    throw unsuitable(folder, 'has no config.json that tells layers and heads of a decoder-only model', cause)
  }
}

function unsuitable(folder: string, why: string, cause?: unknown): SlmError {
  return new SlmError('teacher-unsuitable', `the teacher ${folder} ${why}`, {
    hint: 'A teacher is a decoder-only checkpoint of `slm model train` with the same tokenizer folder.',
    cause,
  })
}
