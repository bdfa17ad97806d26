import {z} from 'zod'
import type {Dtype} from '../engine/language-model.ts'
import {names, runSettings} from './eval-config.ts'

const POSITIVE = 'must be a positive integer'
const positive = () => z.int({error: POSITIVE}).positive({error: POSITIVE})
const COUNT = 'must be an integer from 0'

/** A list of positive integers, or one text with commas between them; nothing twice. */
const lengths = (what: string) => {
  const error = `must be one or more ${what}, positive integers`
  return z
    .union([z.string({error}), positive(), z.array(positive()).min(1, {error})], {error})
    .transform((value) => {
      if (typeof value === 'number') return [value]
      return typeof value === 'string' ? value.split(',').map((part) => Number(part.trim() || 'none')) : value
    })
    .refine((value) => value.every((each) => Number.isInteger(each) && each > 0), {error})
    .refine((value) => new Set(value).size === value.length, {error: 'must not name anything twice'})
}

const dtypeNames = new Set<string>(runSettings.dtype.unwrap().options)
const DTYPES = `must be one or more of ${[...dtypeNames].join(', ')}`
const isDtype = (name: string): name is Dtype => dtypeNames.has(name)
const dtypes = names('dtypes').refine((value) => value.every(isDtype), {error: DTYPES})

const PEERS = ['transformers.js', 'node-llama-cpp'] as const
export type Peer = (typeof PEERS)[number]
const PEER = `must be ${PEERS.join(' or ')}`

/** One benchmark. YAML keys and flags (in kebab-case) carry the same names. */
export const benchConfigSchema = z
  .strictObject({
    model: names('models: folders, shipped names or hub ids').describe(
      'Checkpoints: folders, shipped names, or hub ids owner/name[@revision].',
    ),
    inputLengths: lengths('input lengths')
      .default([128, 512, 1024])
      .describe('Tokens of the prompts, exactly.'),
    outputLength: positive().default(64).describe('Tokens generated for each prompt, exactly.'),
    batchSizes: lengths('batch sizes').default([1]).describe('Prompts decoded together.'),
    repeats: positive()
      .default(5)
      .describe('Counted samples of each cell and model, each in a fresh process.'),
    warmUp: z
      .int({error: COUNT})
      .nonnegative({error: COUNT})
      .default(1)
      .describe('Generations before the counted one in each process; kept and marked.'),
    dtype: dtypes
      .optional()
      .describe(
        'Which of the exported files to use, several with commas; the checkpoint’s default when absent.',
      ),
    threads: positive()
      .optional()
      .describe('Threads inside one operator; one for each processor when absent.'),
    noCache: z
      .boolean()
      .default(false)
      .describe('Also measure without keys and values of before, as in the paper’s Figure 1.'),
    prefixCache: z
      .boolean()
      .default(false)
      .describe('Also measure with a prefix that was computed before, as many prompts share one.'),
    freshTokens: positive()
      .default(64)
      .describe('Tokens at the end of a prompt that are not part of the shared prefix.'),
    against: z
      .enum(PEERS, {error: PEER})
      .optional()
      .describe(
        'A peer that runs the same model in turn: transformers.js on the same files, or node-llama-cpp.',
      ),
    gguf: z.string().min(1).optional().describe('The model as a GGUF file, for node-llama-cpp.'),
    seed: runSettings.seed.describe('Seeds prompts and intervals.'),
    out: z
      .string({error: 'must be a folder'})
      .min(1)
      .optional()
      .describe('The run folder; results/bench-<digest> when absent.'),
  })
  .describe('One benchmark for `slm bench --config`; flags of the same name win.')

export type BenchConfig = z.output<typeof benchConfigSchema>
