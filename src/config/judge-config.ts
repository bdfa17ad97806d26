import {z} from 'zod'
import {names, runSettings} from './eval-config.ts'

const text = (error: string) => z.string({error}).min(1, {error})
const positive = z.int({error: 'must be a positive integer'}).positive({error: 'must be a positive integer'})
const amount = z.number({error: 'must be a number from 0'}).min(0, {error: 'must be a number from 0'})

export const JUDGE_METHODS = ['answer-correctness', 'similarity', 'rubric', 'pairwise'] as const
export type JudgeMethod = (typeof JUDGE_METHODS)[number]
const METHOD = `must be one or more of ${JUDGE_METHODS.join(', ')}`

const BASE = 'must be an address such as http://localhost:8000/v1, without a name or password in it'
/** Secrets in an address would end in records: the key comes from the environment alone. */
const baseUrl = z.url({protocol: /^https?$/, error: BASE}).refine(
  (address) => {
    if (!URL.canParse(address)) return false
    const {username, password, search, hash} = new URL(address)
    return username === '' && password === '' && search === '' && hash === ''
  },
  {error: BASE},
)

/** How runs are judged. YAML keys and flags carry the same names. */
export const judgeConfigSchema = z
  .strictObject({
    methods: names('methods')
      .pipe(z.array(z.enum(JUDGE_METHODS, {error: METHOD})))
      .default(['answer-correctness'])
      .describe('What is judged: answer-correctness, similarity, rubric, pairwise.'),
    baseUrl: baseUrl
      .optional()
      .describe(
        'An OpenAI-compatible server, with its /v1; https://api.openai.com/v1 when only a model is named.',
      ),
    judgeModel: text('must be the name of a model')
      .optional()
      .describe('The model to ask there, as exact as the server allows (a dated snapshot).'),
    judge: text('must be a folder, a shipped name or a hub id')
      .optional()
      .describe('A local checkpoint that judges instead of a server.'),
    verdict: z
      .enum(['json', 'likelihood'], {error: 'must be json or likelihood'})
      .default('json')
      .describe('How a local checkpoint answers: by writing JSON, or by which verdict word is likelier.'),
    embeddings: text('must be a folder or a shipped name')
      .optional()
      .describe('A local embedding checkpoint for answer similarity.'),
    embeddingsModel: text('must be the name of a model')
      .optional()
      .describe('An embedding model of the server, for answer similarity.'),
    votes: positive.default(1).describe('Times each sample is judged; the spread between them is printed.'),
    parallel: positive.default(8).describe('Requests at a time; rows at a time for a local checkpoint.'),
    tries: positive
      .default(6)
      .describe('Tries of a request that fails on the way (408, 409, 429, 5xx, network, timeout).'),
    replyTries: positive
      .default(3)
      .describe(
        'Times a question is asked when the reply is unusable; each reply is kept and none asked for twice.',
      ),
    timeoutSeconds: z
      .number({error: 'must be a number above 0'})
      .positive({error: 'must be a number above 0'})
      .default(120)
      .describe('Most seconds that one request may take.'),
    temperature: amount.default(0).describe('Sampling temperature of the judge.'),
    maxTokens: positive.default(2048).describe('Most tokens of a reply.'),
    seed: z
      .int({error: 'must be an integer from 0'})
      .nonnegative({error: 'must be an integer from 0'})
      .default(0)
      .describe('Seeds the judge where it can be seeded, and the intervals.'),
    responseFormat: z
      .enum(['json-schema', 'json-object', 'none'], {error: 'must be json-schema, json-object or none'})
      .default('json-schema')
      .describe('How the server is told to write JSON; replies are checked all the same.'),
    body: z
      .record(z.string(), z.json(), {error: 'must be a JSON object'})
      .default({})
      .describe(
        'More keys of the request; null takes a key away (for models that refuse temperature or max_tokens).',
      ),
    prompts: text('must be a YAML file')
      .optional()
      .describe('Judge prompts of your own for the task: a file like those in configs/judge/tasks.'),
    limit: positive.optional().describe('Judge a random subset of so many samples of each task.'),
    priceIn: amount.optional().describe('Price of a million prompt tokens.'),
    priceOut: amount.optional().describe('Price of a million reply tokens.'),
    maxCost: amount.optional().describe('Stop in order before the cost passes this; needs both prices.'),
    maxCalls: z
      .int({error: 'must be an integer from 0'})
      .nonnegative({error: 'must be an integer from 0'})
      .optional()
      .describe('Stop in order after so many requests.'),
    maxFailedShare: runSettings.maxFailedShare,
    dtype: runSettings.dtype,
    device: runSettings.device,
    threads: runSettings.threads,
  })
  .describe('How `slm judge --config` judges; flags of the same name win.')

export type JudgeConfig = z.output<typeof judgeConfigSchema>
