import {createHash} from 'node:crypto'
import {existsSync, readFileSync} from 'node:fs'
import {join} from 'node:path'
import {z} from 'zod'
import {type ArrayGraph, openArrayGraph, type TensorArray} from '../engine/array-graph.ts'
import {SlmError} from '../errors.ts'
import {openTokenizer} from '../tokenizer/open-tokenizer.ts'
import type {Batch, Example} from './batch.ts'

/** config.json of a decoder-only checkpoint, as far as an empty cache needs it. */
const configSchema = z.object({
  vocab_size: z.int().positive(),
  hidden_size: z.int().positive(),
  num_hidden_layers: z.int().positive(),
  num_attention_heads: z.int().positive(),
  num_key_value_heads: z.int().positive().optional(),
  head_dim: z.int().positive().optional(),
})
type TeacherConfig = z.output<typeof configSchema>

export interface Teacher {
  /** sha256 of its graph. */
  readonly digest: string
  /**
   * The teacher's logits where the student's batch predicts the answers' tokens, zeros elsewhere: (rows * target length,
   * `vocabulary`). The teacher reads the same prompt and answer, one after the other.
   */
  logitsFor(examples: readonly Example[], batch: Batch, vocabulary: number): Promise<Float32Array>
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
  const config = readConfig(folder)
  const tokenizer = await openTokenizer(folder)
  if (tokenizer.digest !== tokenizerDigest) throw unsuitable(folder, 'has another tokenizer than the student')
  if (config.vocab_size < vocabulary)
    throw unsuitable(folder, `has ${config.vocab_size} tokens, the student ${vocabulary}`)
  const bytes = readFileSync(graphFile)
  const graph = await openArrayGraph(bytes, threads)
  return {
    digest: createHash('sha256').update(bytes).digest('hex'),
    logitsFor: async (examples, batch, wanted) =>
      aligned(await readAll(graph, config, examples), config.vocab_size, batch, wanted),
    close: () => graph.close(),
  }
}

/** Logits of prompt and answer by row: (length of the longest, teacher's vocabulary) each, and where answers begin. */
async function readAll(
  graph: ArrayGraph,
  config: TeacherConfig,
  examples: readonly Example[],
): Promise<{readonly logits: Float32Array; readonly length: number; readonly starts: readonly number[]}> {
  const rows = examples.map(({source, target}) => [...source, ...target.slice(0, -1)])
  const length = Math.max(...rows.map((row) => row.length))
  const dims = [rows.length, length]
  const table = (valueAt: (row: readonly number[], at: number) => number): TensorArray => ({
    data: BigInt64Array.from(
      rows.flatMap((row) => Array.from({length}, (_, at) => BigInt(valueAt(row, at)))),
    ),
    dims,
  })
  const headSize = config.head_dim ?? config.hidden_size / config.num_attention_heads
  const heads = config.num_key_value_heads ?? config.num_attention_heads
  const cache = {data: new Float32Array(0), dims: [rows.length, heads, 0, headSize]}
  const inputs: Record<string, TensorArray> = {
    input_ids: table((row, at) => row[at] ?? 0),
    attention_mask: table((row, at) => (at < row.length ? 1 : 0)),
    ...(graph.inputNames.includes('position_ids') ? {position_ids: table((_, at) => at)} : {}),
  }
  for (const name of graph.inputNames) if (name.startsWith('past_key_values.')) inputs[name] = cache
  const logits = new Float32Array(rows.length * length * config.vocab_size)
  await graph.run(inputs, {logits: {data: logits, dims: [...dims, config.vocab_size]}})
  return {logits, length, starts: examples.map(({source}) => source.length - 1)}
}

/** Moves each answer's logits to where the student predicts it, cut to the student's vocabulary. */
function aligned(
  teacher: Awaited<ReturnType<typeof readAll>>,
  teacherVocabulary: number,
  batch: Batch,
  vocabulary: number,
): Float32Array {
  const {targetLength} = batch.shape
  const logits = new Float32Array(batch.lossWeights.length * vocabulary)
  for (const [row, {start, length}] of batch.answers.entries())
    for (let token = 0; token < length; token++) {
      const from = (row * teacher.length + teacher.starts[row]! + token) * teacherVocabulary
      const to = (row * targetLength + start + token) * vocabulary
      logits.set(teacher.logits.subarray(from, from + vocabulary), to)
    }
  return logits
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
