import {z} from 'zod'
import {digestOf} from '../config/canonical-json.ts'

/** Raised when the layout of a run folder changes. */
export const RUN_FORMAT = 1

const sha256 = z.string().regex(/^[0-9a-f]{64}$/)
const positive = z.int().positive()

const taskPart = z.object({
  name: z.string(),
  version: positive,
  /** Over the task's definition: columns, subset, prompt, extraction. */
  digest: sha256,
  /** Over the prompt's part of the definition. */
  promptDigest: sha256,
  data: z.object({
    /** As the user or the task named it; not part of the plan's digest. */
    source: z.string(),
    split: z.string(),
    digest: sha256,
  }),
  /** Rows from the start of the data; absent for all. */
  limit: positive.optional(),
  chat: z.boolean(),
  truncation: z.string(),
  /** Hugging Face's names, a value for every key in force. */
  generation: z.record(z.string(), z.json()),
  stopStrings: z.array(z.string()),
  metrics: z.array(z.object({id: z.string(), version: positive})),
})

const shard = z.object({index: positive, count: positive})

/** What a checkpoint says of itself: where a table puts its row. Not part of the plan's digest, which the files decide. */
const modelCard = z.object({
  /** All weights, embeddings included, counted in the graphs. */
  parameters: positive.optional(),
  encoderLayers: positive.optional(),
  decoderLayers: positive.optional(),
  /** `slm.training` of its config.json: `seq2seq`, `kd`, `untrained`, `teacher`; absent where it says nothing. */
  training: z.string().optional(),
})

/** What a run is, written before its first record. Everything that can move a number is here. */
export const manifestSchema = z.object({
  format: z.literal(RUN_FORMAT),
  planDigest: sha256,
  model: z.object({
    /** As the user gave it; not part of the plan's digest. */
    name: z.string(),
    architecture: z.enum(['enc-dec', 'dec-only']),
    dtype: z.string(),
    /** sha256 over the graph and weight files in use. */
    digest: sha256,
    card: modelCard.optional(),
  }),
  tokenizer: z.object({digest: sha256}),
  tasks: z.array(taskPart).min(1),
  seed: z.int().nonnegative(),
  device: z.string(),
  /** Whether speed was traded for answers that do not depend on the batch. */
  exact: z.boolean(),
  /** Whether answers are free of the rows beside them. Where they are not, batch and threads belong to the plan. */
  batching: z.discriminatedUnion('kind', [
    z.object({kind: z.literal('exact')}),
    z.object({
      kind: z.literal('inexact'),
      why: z.string(),
      batchSize: z.union([positive, z.literal('auto')]),
      threads: positive,
      /** Answers may depend on what ran before as well: present where that was asked for. */
      prefixCache: z.literal(true).optional(),
    }),
  ]),
  /** Rows in a pool: records of one (task, pool) stand longest prompt first. */
  poolRows: positive,
  versions: z.object({slm: z.string(), onnxruntime: z.string(), transformers: z.string()}),
  /** Absent for a whole run and for a merged one. */
  shard: shard.optional(),
  /** Shards that a merge went without: numbers from this run are inconclusive. */
  missingShards: z.array(positive).optional(),
  /** The only part that may differ between two runs of one plan. */
  machine: z.record(z.string(), z.json()),
})

export type Manifest = z.output<typeof manifestSchema>
/** A manifest whose digest was not yet taken. */
export type Plan = Omit<Manifest, 'format' | 'planDigest' | 'missingShards' | 'machine'>

/** sha256 over everything that decides the answers: not names and paths, not the shard, not the machine. */
export function planDigest(plan: Plan): string {
  return digestOf(decisive(plan))
}

/** The parts of a plan that decide the answers. */
function decisive(plan: Plan): unknown {
  const {architecture, dtype, digest} = plan.model
  return {
    model: {architecture, dtype, digest},
    tokenizer: plan.tokenizer,
    tasks: plan.tasks.map(({data, ...task}) => ({...task, data: {split: data.split, digest: data.digest}})),
    seed: plan.seed,
    device: plan.device,
    exact: plan.exact,
    batching: plan.batching,
    poolRows: plan.poolRows,
    versions: plan.versions,
  }
}

/** Every decisive value that differs, as `path: mine, theirs`; what an error names when a folder holds another plan. */
export function planDifferences(mine: Plan, theirs: Plan): string[] {
  const left = new Map(leaves(decisive(mine), ''))
  const right = new Map(leaves(decisive(theirs), ''))
  const paths = [...new Set([...left.keys(), ...right.keys()])]
  return paths
    .filter((path) => left.get(path) !== right.get(path))
    .map((path) => `${path}: ${short(left.get(path))}, there ${short(right.get(path))}`)
}

function leaves(value: unknown, path: string): [string, string][] {
  if (typeof value !== 'object' || value === null) return [[path, JSON.stringify(value) ?? 'absent']]
  return Object.entries(value).flatMap(([key, part]) => leaves(part, path === '' ? key : `${path}.${key}`))
}

function short(leaf: string | undefined): string {
  if (leaf === undefined) return 'absent'
  return /^"[0-9a-f]{64}"$/.test(leaf) ? leaf.slice(1, 9) : leaf
}
