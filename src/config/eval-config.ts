import {z} from 'zod'
import type {Dtype} from '../engine/language-model.ts'

const DTYPES = {
  fp32: true,
  fp16: true,
  q8: true,
  q4: true,
  q4f16: true,
  int8: true,
  uint8: true,
  bnb4: true,
} satisfies Record<Dtype, true>
const dtypes = Object.keys(DTYPES) as Dtype[] // the keys of a Record<Dtype, ...> are its dtypes

const text = (error: string) => z.string({error}).min(1, {error})
const positive = (error = 'must be a positive integer') => z.int({error}).positive({error})
const number = (error: string, least: number, most = Number.POSITIVE_INFINITY) =>
  z.number({error}).min(least, {error}).max(most, {error})

/** A list of names, or one text with commas between them; nothing twice. */
export const names = (what: string) => {
  const error = `must be one or more ${what}`
  return z
    .union([text(error), z.array(text(error)).min(1, {error})], {error})
    .transform((value) => (typeof value === 'string' ? value.split(',').map((name) => name.trim()) : value))
    .refine((value) => value.every((name) => name !== ''), {error})
    .refine((value) => new Set(value).size === value.length, {error: 'must not name anything twice'})
}

const SHARD = 'must be i/n with 1 <= i <= n, such as 1/4'
const shard = z
  .string({error: SHARD})
  .regex(/^\d+\/\d+$/, {error: SHARD})
  .transform((value) => {
    const [index = 0, count = 0] = value.split('/').map(Number)
    return {index, count}
  })
  .refine(({index, count}) => index >= 1 && index <= count, {error: SHARD})

const BATCH = 'must be a positive integer or auto'
const DATA = 'must be a file, or a file for each task by name'
const GENERATION = 'must be checkpoint, a file name, or keys of generation_config.json'

/** What decides how a model answers and what is kept of it: shared by `slm eval`, `slm compare` and their YAML. */
export const runSettings = {
  tasks: names('task names').describe('Tasks to run, in this order: names or YAML files.'),
  limit: positive().optional().describe('Rows of each task, from the start of its file; all when absent.'),
  data: z
    .union([text(DATA), z.record(z.string(), text(DATA))], {
      error: DATA,
    })
    .optional()
    .describe('A file in the task’s own format; with several tasks one for each, by task name.'),
  split: text('must be the name of a split')
    .optional()
    .describe('The split of the data; the task’s own when absent.'),
  dtype: z
    .enum(dtypes, {error: `must be one of ${dtypes.join(', ')}`})
    .optional()
    .describe('Which of the exported files to use; fp32 when there is one.'),
  device: text('must be the name of a device, such as cpu or cuda')
    .default('cpu')
    .describe('Execution provider.'),
  threads: positive().optional().describe('Threads inside one operator; physical cores when absent.'),
  batchSize: z
    .union([positive(BATCH), z.literal('auto')], {error: BATCH})
    .default('auto')
    .describe('Rows decoded together; auto starts from what memory allows.'),
  generation: z
    .union([text(GENERATION), z.record(z.string(), z.json())], {error: GENERATION})
    .optional()
    .describe('checkpoint, a JSON file, or any keys of Hugging Face’s generation_config.json.'),
  maxNewTokens: positive().optional().describe('Most tokens of an answer; the task’s own when absent.'),
  numBeams: positive().optional().describe('Beams; 1 is greedy.'),
  temperature: number('must be a number from 0', 0).optional().describe('Samples when above 0; 0 is greedy.'),
  topK: z
    .int({error: 'must be an integer from 0'})
    .nonnegative({error: 'must be an integer from 0'})
    .optional()
    .describe('Samples from the k best tokens.'),
  topP: number('must be a number between 0 and 1', 0, 1)
    .optional()
    .describe('Samples from the smallest set of tokens with this probability.'),
  seed: z
    .int({error: 'must be an integer from 0'})
    .nonnegative({error: 'must be an integer from 0'})
    .default(0)
    .describe('Seeds sampling and the bootstrap.'),
  chat: z
    .boolean({error: 'must be true or false'})
    .optional()
    .describe(
      'Whether prompts go through the checkpoint’s chat template; the task’s own choice when absent.',
    ),
  truncation: z
    .enum(['error', 'left', 'right', 'middle'], {error: 'must be one of error, left, right, middle'})
    .optional()
    .describe('What happens to a prompt that is too long; the task’s own choice when absent.'),
  exact: z
    .boolean({error: 'must be true or false'})
    .default(false)
    .describe('Trade speed for answers that do not depend on the batch.'),
  prefixCache: z
    .boolean({error: 'must be true or false'})
    .optional()
    .describe(
      'Decoder-only: start prompts after the instructions or examples that they share with one before; when absent, only where answers do not depend on the batch.',
    ),
  maxFailedShare: number('must be a number between 0 and 1', 0, 1)
    .default(0)
    .describe('Share of samples that may fail before the exit code is 1.'),
} as const

/** One evaluation: a model and its tasks. YAML keys and flags (in kebab-case) carry the same names. */
export const evalConfigSchema = z
  .strictObject({
    model: text('must be a folder, a shipped name or a hub id').describe(
      'A checkpoint: a folder, a shipped name, or a hub id owner/name[@revision].',
    ),
    ...runSettings,
    shard: shard.optional().describe('Run only part i of n, by a hash of the sample’s id.'),
    out: text('must be a folder')
      .optional()
      .describe('The run folder; results/<model>-<tasks>-<digest> when absent.'),
  })
  .describe('One evaluation for `slm eval --config`; flags of the same name win.')

export type EvalConfig = z.output<typeof evalConfigSchema>
