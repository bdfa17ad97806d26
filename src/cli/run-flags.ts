import {boolean, string} from '@oclif/core/flags'

/** How a model answers: `slm generate`, and what `runFlags` begins with. All values stay text here; the configuration checks them. */
export const decodeFlags = {
  dtype: string({description: 'which exported files to use: fp32, fp16, q8, q4, ...', helpGroup: 'MODEL'}),
  device: string({description: 'execution provider, such as cpu or cuda', helpGroup: 'MODEL'}),
  threads: string({description: 'threads inside one operator', helpValue: '<n>', helpGroup: 'MODEL'}),
  exact: boolean({
    description: 'trade speed for answers that do not depend on the batch',
    helpGroup: 'MODEL',
  }),
  'prefix-cache': boolean({
    description:
      'decoder-only: compute what prompts share at their beginning once (default: where answers do not depend on the batch)',
    allowNo: true,
    helpGroup: 'MODEL',
  }),
  'batch-size': string({
    description: 'rows decoded together',
    helpValue: '<n|auto>',
    helpGroup: 'DECODING',
  }),
  'max-new-tokens': string({
    description: 'most tokens of an answer',
    helpValue: '<n>',
    helpGroup: 'DECODING',
  }),
  'num-beams': string({description: 'beams; 1 is greedy', helpValue: '<n>', helpGroup: 'DECODING'}),
  temperature: string({description: 'samples when above 0', helpValue: '<t>', helpGroup: 'DECODING'}),
  'top-k': string({description: 'samples from the k best tokens', helpValue: '<k>', helpGroup: 'DECODING'}),
  'top-p': string({
    description: 'samples from the smallest set of tokens with this probability',
    helpValue: '<p>',
    helpGroup: 'DECODING',
  }),
  seed: string({description: 'seeds sampling and intervals', helpValue: '<n>', helpGroup: 'DECODING'}),
  generation: string({
    description:
      'keys of generation_config.json as a file or inline, or `checkpoint` for the model’s own search',
    helpValue: "<file.json|'{...}'|checkpoint>",
    helpGroup: 'DECODING',
  }),
}

/** What a run asks of a model: `slm eval` and `slm compare`. */
export const runFlags = {
  limit: string({
    description: 'rows of each task, from the start of its data',
    helpValue: '<n>',
    helpGroup: 'TASK',
  }),
  data: string({
    description: 'file in the task’s own format; with several tasks task=file, once for each',
    helpValue: '<file>',
    helpGroup: 'TASK',
    multiple: true,
    multipleNonGreedy: true,
  }),
  split: string({description: 'split of the data; the task’s own by default', helpGroup: 'TASK'}),
  chat: boolean({
    description: 'send prompts through the checkpoint’s chat template; the task’s own choice by default',
    allowNo: true,
    helpGroup: 'TASK',
  }),
  truncation: string({
    description: 'a prompt that is too long: error, left, right or middle',
    helpGroup: 'TASK',
  }),
  ...decodeFlags,
  'max-failed-share': string({
    description: 'share of samples that may fail before the exit code is 1; 0 by default',
    helpValue: '<0..1>',
  }),
  config: string({
    char: 'c',
    description: 'YAML file with any of these settings; flags win',
    helpValue: '<file>',
  }),
  quiet: boolean({char: 'q', description: 'no progress on stderr'}),
}

const NUMBERS = new Set([
  'threads',
  'batch-size',
  'max-new-tokens',
  'num-beams',
  'temperature',
  'top-k',
  'top-p',
  'seed',
  'limit',
  'max-failed-share',
])

/** Parsed flags under the names of the configuration, numbers as numbers; what is no number stays text and is refused there by name. */
export function settingsOfFlags(
  flags: Readonly<Record<string, unknown>>,
  names: readonly string[],
): Record<string, unknown> {
  const given = names.filter((name) => flags[name] !== undefined)
  return Object.fromEntries(given.map((name) => [settingName(name), settingValue(name, flags[name])]))
}

function settingName(flag: string): string {
  if (flag === 'task') return 'tasks'
  return flag.replaceAll(/-([a-z])/g, (_, letter: string) => letter.toUpperCase())
}

function settingValue(flag: string, value: unknown): unknown {
  if (NUMBERS.has(flag) && typeof value === 'string' && /^-?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(value))
    return Number(value)
  if (flag === 'data' && Array.isArray(value)) return dataOf(value.map(String))
  return value
}

/** `file`, or `task=file` for each of several tasks. */
function dataOf(entries: readonly string[]): unknown {
  const pairs = entries.map((entry) => /^([\w-]+)=(.+)$/.exec(entry))
  if (pairs.some((pair) => pair === null)) return entries.length === 1 ? entries[0] : entries
  return Object.fromEntries(pairs.map((pair) => [pair?.[1], pair?.[2]]))
}
