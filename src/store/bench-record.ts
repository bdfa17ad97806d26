import {z} from 'zod'

/**
 * The lines of `bench.jsonl`, one JSON object each, in the order in which they were measured; the file only ever grows.
 * A `machine` line opens each start of the command, a `model` line says once what a model is, a `cost` line what a cell
 * costs on paper, and a `sample` line is one measured generation. A cell that was not measured has a `missing` line.
 */

const count = z.int().nonnegative()
const positive = z.int().positive()
const milliseconds = z.number().nonnegative()
const share = z.number().min(0)
/** Why there is no value. */
const missing = z.object({missing: z.string()})

/**
 * `cached`: keys and values are kept, as every runtime does. `no-cache`: for each output token the input (and what was
 * written) is computed again, the paper's Figure 1 [I]. `prefix-cache`: all but the last tokens of the input were
 * computed before the clock starts, as with instructions or examples that many prompts share.
 */
export const BENCH_SETTINGS = ['cached', 'no-cache', 'prefix-cache'] as const
const setting = z.enum(BENCH_SETTINGS)

/** What a number belongs to. All lines of one model, setting, batch and lengths are one cell. */
const cell = {
  /** The model's label, unique in the file: its name, with dtype and program where those are needed to tell it apart. */
  model: z.string(),
  setting,
  /** Rows decoded together, all of the same length. */
  batch: positive,
  /** Tokens of each prompt, exactly. */
  inputTokens: positive,
  /** Tokens generated for each row, exactly; end tokens do not end a row. */
  outputTokens: positive,
}

/** A rate that bounds every model on this machine, measured before the models with the same number of threads. */
const rate = z.object({
  /** The best of `samples`: a bound is what the machine can do. */
  value: z.number().positive(),
  samples: z.array(z.number().positive()).min(1),
  /** What was run. */
  method: z.string(),
})

/** The machine, as it was when the command was started; the first line, and one more for each time it went on. */
export const machineRecord = z.object({
  kind: z.literal('machine'),
  /** 1-based: which start of the command wrote the lines that follow. */
  start: positive,
  /** ISO 8601, UTC. */
  at: z.string(),
  platform: z.string(),
  arch: z.string(),
  cpu: z.string(),
  processors: positive,
  /** Vector extensions that decide the speed. */
  extensions: z.array(z.string()),
  memoryBytes: positive,
  /** Threads inside one operator: the same for all models. */
  threads: positive,
  versions: z.record(z.string(), z.string()),
  /** Bytes per second that a matrix-vector product reads of weights far larger than the caches. */
  bandwidth: z.union([rate, missing]),
  /** Floating-point operations per second (a multiplication and an addition are two) of a large fp32 matrix product. */
  gemm: z.union([rate, missing]),
  /** What energy is read from, or why it is not. */
  energy: z.union([z.object({source: z.string()}), missing]),
  /** Share of all processors that other programs used before the first model. */
  otherLoad: z.union([share, missing]),
})

/** What a model is: once in a file, before its first sample. */
export const benchModelRecord = z.object({
  kind: z.literal('model'),
  model: z.string(),
  /** As the user named it. */
  name: z.string(),
  /** Which program computed: `slm`, or a peer such as `transformers.js`. */
  program: z.string(),
  architecture: z.enum(['enc-dec', 'dec-only']),
  dtype: z.string(),
  /** All weights, embeddings included, each counted once. */
  parameters: z.union([positive, missing]),
  /** sha256 over the graph and weight files in use. */
  digest: z.union([z.string(), missing]),
  contextLength: z.union([positive, missing]),
  threads: positive,
  /** What the engine found or rewrote at load. */
  notes: z.array(z.string()),
})

/** What a cell costs on paper, from the checkpoint's own graphs: multiplications and additions count as two operations. */
export const costRecord = z.object({
  kind: z.literal('cost'),
  ...cell,
  /** What is computed for each output token in this setting, in one sentence. */
  how: z.string(),
  /** False where the configuration does not name the sizes that attention's own products need: they are left out then. */
  hasAttention: z.boolean(),
  /** Operations up to the first token of all rows together: encoder and first step, or prefill. */
  firstTokenFlops: z.number().nonnegative(),
  /** Operations of one later token, for all rows together, at the mean length of the cache. */
  flopsPerStep: z.number().nonnegative(),
  /** Bytes of weights that one decode step has to read, once for all rows. */
  weightBytesPerStep: z.number().nonnegative(),
  /** Bytes of keys and values that one decode step has to read, all rows together, at the mean length of the cache. */
  cacheBytesPerStep: z.number().nonnegative(),
})

const memory = z.object({
  /** Resident before the model was opened: the program itself. */
  baselineBytes: count,
  /** Resident when the model was open and nothing had run. */
  loadedBytes: count,
  /** Most that was resident up to then: loading itself can need more than what is loaded. */
  loadPeakBytes: count,
  /** Most that was resident while it generated; warm-up included. */
  peakBytes: count,
  /** `VmHWM of /proc`: the kernel's own high-water mark; `ps`: polled. Both read from outside the measured process. */
  method: z.string(),
})

const sampled = {
  kind: z.literal('sample'),
  ...cell,
  /** 1-based: which start of the command measured it. */
  start: positive,
  program: z.string(),
  architecture: z.enum(['enc-dec', 'dec-only']),
  dtype: z.string(),
  parameters: z.union([positive, missing]),
  threads: positive,
  /** Tokens at the head of each prompt that were computed before the clock started; 0 without a prefix cache. */
  prefixTokens: count,
  /** 0-based. Samples of different models with the same cell and repeat were measured one right after the other. */
  repeat: count,
  /** Warm-up samples are kept and never counted. */
  isWarmUp: z.boolean(),
  /** 0-based among the process's own samples, warm-up included. */
  indexInProcess: count,
}

const measuredSample = z.object({
  ...sampled,
  status: z.literal('measured'),
  /** From opening the files to a model that can run, self-test included; of this sample's own fresh process. */
  loadMs: milliseconds,
  /** From the prompt's ids to the choice of the first token of all rows. */
  firstTokenMs: milliseconds,
  /** Time between the choice of one token (of all rows) and the next: `outputTokens` - 1 values, in order. */
  tokenMs: z.array(milliseconds),
  /** From the prompt's ids to the last token of all rows. */
  endToEndMs: milliseconds,
  /** Mean of `tokenMs`, that is (end to end - first token) / (outputTokens - 1); missing for one output token. */
  timePerOutputTokenMs: z.union([milliseconds, missing]),
  /** New tokens of all rows over the end-to-end time. */
  tokensPerSecond: z.number().nonnegative(),
  /** New tokens of all rows after the first, over the time after the first. */
  decodeTokensPerSecond: z.union([z.number().nonnegative(), missing]),
  /** Inside ONNX Runtime; missing for peers that do not tell. */
  computeMs: z.union([milliseconds, missing]),
  memory: z.union([memory, missing]),
  /** Joules of the processor package while this sample ran. */
  energy: z.union([z.object({joules: z.number().nonnegative(), source: z.string()}), missing]),
  /** Share of all processors that other programs used, before the process and while the sample ran. */
  otherLoad: z.object({before: z.union([share, missing]), during: z.union([share, missing])}),
  /** True when other programs used enough of the machine to move the figures. */
  isBusy: z.boolean(),
})

const failedSample = z.object({
  ...sampled,
  status: z.literal('failed'),
  /** What the measured process said, or how it ended. */
  why: z.string(),
})

/** One generation of `batch` rows. */
export const sampleRecord = z.discriminatedUnion('status', [measuredSample, failedSample])

/** A cell that cannot be measured, and why: no value is ever 0 or blank for it. */
export const missingCellRecord = z.object({kind: z.literal('missing'), ...cell, why: z.string()})

export const benchRecordSchema = z.union([
  machineRecord,
  benchModelRecord,
  costRecord,
  sampleRecord,
  missingCellRecord,
])

export type BenchSetting = z.output<typeof setting>
export type MachineRecord = z.output<typeof machineRecord>
export type BenchModelRecord = z.output<typeof benchModelRecord>
export type CostRecord = z.output<typeof costRecord>
export type BenchSample = z.output<typeof sampleRecord>
export type MeasuredSample = z.output<typeof measuredSample>
export type BenchRecord = z.output<typeof benchRecordSchema>
