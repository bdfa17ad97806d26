import {boolean, string} from '@oclif/core/flags'

/** The sweep of `slm bench`. Values stay text here; the configuration checks them. */
export const benchFlags = {
  model: string({
    char: 'm',
    description: 'folder, shipped name or hub id; once for each model to measure',
    helpGroup: 'MODELS',
    multiple: true,
    multipleNonGreedy: true,
  }),
  dtype: string({
    description: 'which exported files to use, several with commas; the checkpoint’s default when absent',
    helpValue: '<fp32,q4,...>',
    helpGroup: 'MODELS',
  }),
  threads: string({
    description: 'threads inside one operator; one for each processor when absent',
    helpValue: '<n>',
    helpGroup: 'MODELS',
  }),
  against: string({
    description:
      'a peer that runs the same model in turn: transformers.js, or node-llama-cpp where it is installed',
    helpGroup: 'MODELS',
  }),
  gguf: string({
    description: 'the model as a GGUF file, for node-llama-cpp',
    helpValue: '<file>',
    helpGroup: 'MODELS',
  }),
  'input-lengths': string({
    description: 'tokens of the prompts, with commas between lengths; 128,512,1024 by default',
    helpValue: '<n,...>',
    helpGroup: 'SWEEP',
  }),
  'output-length': string({
    description: 'tokens generated for each prompt; 64 by default',
    helpValue: '<n>',
    helpGroup: 'SWEEP',
  }),
  'batch-sizes': string({
    description: 'prompts decoded together, with commas between sizes; 1 by default',
    helpValue: '<n,...>',
    helpGroup: 'SWEEP',
  }),
  repeats: string({
    description: 'counted samples of each cell and model, each in a fresh process; 5 by default',
    helpValue: '<n>',
    helpGroup: 'SWEEP',
  }),
  'warm-up': string({
    description: 'generations before the counted one in each process; 1 by default',
    helpValue: '<n>',
    helpGroup: 'SWEEP',
  }),
  'no-cache': boolean({
    description: 'also measure without kept keys and values, as in the paper’s Figure 1; off by default',
    helpGroup: 'SWEEP',
  }),
  'prefix-cache': boolean({
    description: 'also measure with a prefix that was computed before; off by default',
    helpGroup: 'SWEEP',
  }),
  'fresh-tokens': string({
    description: 'tokens at the end of a prompt that are not part of that prefix; 64 by default',
    helpValue: '<n>',
    helpGroup: 'SWEEP',
  }),
  seed: string({description: 'seeds the prompts; 0 by default', helpValue: '<n>', helpGroup: 'SWEEP'}),
  out: string({
    char: 'o',
    description: 'run folder; results/bench-<digest> when absent',
    helpValue: '<folder>',
  }),
  config: string({
    char: 'c',
    description: 'YAML file with any of these settings; flags win',
    helpValue: '<file>',
  }),
  quiet: boolean({char: 'q', description: 'no progress on stderr'}),
  'dry-run': boolean({description: 'print the plan and how long it takes, roughly; measure no model'}),
}

const NUMBERS = new Set(['threads', 'output-length', 'repeats', 'warm-up', 'fresh-tokens', 'seed'])
const NOT_SETTINGS = new Set(['config', 'quiet', 'dry-run', 'json'])

/** Parsed flags under the names of the configuration; what is no number stays text and is refused there by name. */
export function benchSettings(flags: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const given = Object.entries(flags).filter(
    ([name, value]) => name in benchFlags && value !== undefined && !NOT_SETTINGS.has(name),
  )
  return Object.fromEntries(given.map(([name, value]) => [settingName(name), settingValue(name, value)]))
}

function settingName(flag: string): string {
  return flag.replaceAll(/-([a-z])/g, (_, letter: string) => letter.toUpperCase())
}

function settingValue(flag: string, value: unknown): unknown {
  return NUMBERS.has(flag) && typeof value === 'string' && /^-?\d+$/.test(value) ? Number(value) : value
}
