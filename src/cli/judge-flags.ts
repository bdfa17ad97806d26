import {string} from '@oclif/core/flags'

const SERVER = 'SERVER'
const LOCAL = 'LOCAL JUDGE'
const BUDGET = 'BUDGET'

/** Which judge: what `slm eval` takes too. All values stay text here; the configuration checks them. */
export const judgeChoiceFlags = {
  'base-url': string({
    description: 'OpenAI-compatible server, with its /v1; the key comes from SLM_JUDGE_KEY or OPENAI_API_KEY',
    helpValue: '<address>',
    helpGroup: SERVER,
  }),
  'judge-model': string({description: 'model to ask there', helpValue: '<name>', helpGroup: SERVER}),
  judge: string({
    description: 'a checkpoint of either architecture that judges here, without a server',
    helpValue: '<folder|name>',
    helpGroup: LOCAL,
  }),
  verdict: string({
    description:
      'how a local judge answers: json (it writes, the default) or likelihood (of the verdict words)',
    helpGroup: LOCAL,
  }),
  methods: string({
    description: 'answer-correctness (default), similarity, rubric, pairwise; with commas between',
    aliases: ['method'],
  }),
  embeddings: string({
    description: 'local embedding checkpoint for answer similarity',
    helpValue: '<folder|name>',
  }),
  votes: string({description: 'times each sample is judged; the spread is printed', helpValue: '<n>'}),
}

/** Everything that `slm judge` and its subcommands take. */
export const judgeFlags = {
  ...judgeChoiceFlags,
  'embeddings-model': string({
    description: 'embedding model of the server',
    helpValue: '<name>',
    helpGroup: SERVER,
  }),
  parallel: string({description: 'requests at a time; 8 by default', helpValue: '<n>', helpGroup: SERVER}),
  tries: string({
    description: 'tries of a request that fails on the way; 6 by default',
    helpValue: '<n>',
    helpGroup: SERVER,
  }),
  'reply-tries': string({
    description: 'times a question is asked when its reply is unusable; 3 by default',
    helpValue: '<n>',
    helpGroup: SERVER,
  }),
  'timeout-seconds': string({
    description: 'most seconds of one request; 120 by default',
    helpValue: '<s>',
    helpGroup: SERVER,
  }),
  temperature: string({description: 'sampling temperature of the judge; 0 by default', helpValue: '<t>'}),
  'max-tokens': string({description: 'most tokens of a reply; 2048 by default', helpValue: '<n>'}),
  seed: string({description: 'seeds the judge where it can be seeded', helpValue: '<n>'}),
  'response-format': string({
    description: 'how the server is told to write JSON: json-schema (default), json-object or none',
    helpGroup: SERVER,
  }),
  body: string({
    description: 'more keys of the request as JSON; null takes one away, such as {"temperature":null}',
    helpValue: '<json>',
    helpGroup: SERVER,
  }),
  dtype: string({description: 'which exported files of the local judge', helpGroup: LOCAL}),
  device: string({description: 'execution provider, such as cpu or cuda', helpGroup: LOCAL}),
  threads: string({description: 'threads inside one operator', helpValue: '<n>', helpGroup: LOCAL}),
  prompts: string({
    description: 'judge prompts of your own: a file like those in configs/judge/tasks',
    helpValue: '<file>',
  }),
  'price-in': string({
    description: 'price of a million prompt tokens',
    helpValue: '<price>',
    helpGroup: BUDGET,
  }),
  'price-out': string({
    description: 'price of a million reply tokens',
    helpValue: '<price>',
    helpGroup: BUDGET,
  }),
  'max-cost': string({
    description: 'stop in order before the cost passes this',
    helpValue: '<cost>',
    helpGroup: BUDGET,
  }),
  'max-calls': string({
    description: 'stop in order after so many requests',
    helpValue: '<n>',
    helpGroup: BUDGET,
  }),
  config: string({
    char: 'c',
    description: 'YAML file with any of these settings; flags win',
    helpValue: '<file>',
  }),
}

const NUMBERS = new Set([
  'votes',
  'parallel',
  'tries',
  'reply-tries',
  'timeout-seconds',
  'temperature',
  'max-tokens',
  'seed',
  'threads',
  'price-in',
  'price-out',
  'max-cost',
  'max-calls',
  'limit',
  'max-failed-share',
])
const NOT_SETTINGS = new Set(['config', 'dry-run', 'quiet', 'json'])

/** Parsed flags under the names of the configuration; what is no number or no JSON stays text and is refused there by name. */
export function judgeSettingsOf(flags: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const given = Object.entries(flags).filter(
    ([name, value]) => value !== undefined && !NOT_SETTINGS.has(name),
  )
  return Object.fromEntries(given.map(([name, value]) => [settingName(name), settingValue(name, value)]))
}

function settingName(flag: string): string {
  return flag.replaceAll(/-([a-z])/g, (_, letter: string) => letter.toUpperCase())
}

function settingValue(flag: string, value: unknown): unknown {
  if (typeof value !== 'string') return value
  if (NUMBERS.has(flag) && /^-?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(value)) return Number(value)
  if (flag !== 'body') return value
  try {
    return JSON.parse(value)
  } catch {
    return value
  }
}
