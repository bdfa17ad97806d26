import {existsSync} from 'node:fs'
import {join} from 'node:path'
import {z} from 'zod'
import type {ReproduceConfig} from '../config/reproduce-config.ts'
import {SlmError} from '../errors.ts'
import {loadTask} from '../tasks/load-task.ts'
import {readSamples} from '../tasks/read-samples.ts'
import type {Task} from '../tasks/task.ts'
import {openTokenizer} from '../tokenizer/open-tokenizer.ts'
import {reproducePaths} from './reproduce-paths.ts'

export interface MeanLengths {
  /** Mean tokens of a prompt and of an answer, over tasks as they are mixed. */
  readonly source: number
  readonly target: number
}

/** Rows of each task that are looked at. */
const SAMPLED = 200
/** Where there is no tokenizer yet. Small vocabularies of code and English lie near it. */
const CHARACTERS_A_TOKEN = 3
/** A task whose data are not here yet. */
const ASSUMED: MeanLengths = {source: 100, target: 50}

const mixSchema = z.object({mix: z.record(z.string(), z.number()).default({})})

/** Lengths of what is learned, from the first rows of each task. Reads the disk. */
export async function meanLengths(config: ReproduceConfig): Promise<MeanLengths> {
  const folder = reproducePaths(config.out).tokenizer
  const tokenizer = existsSync(join(folder, 'tokenizer.json')) ? await openTokenizer(folder) : undefined
  const tokensOf = (text: string): number =>
    tokenizer?.encode(text, {addSpecialTokens: false}).length ?? text.length / CHARACTERS_A_TOKEN
  const {mix} = mixSchema.parse(config.training)
  const sum = {source: 0, target: 0, weight: 0}
  for (const name of config.tasks) {
    const task = await loadTask(name)
    const {source, target} = await lengthsOf(config, task, tokensOf)
    const weight = mix[task.name] ?? 1
    sum.source += weight * source
    sum.target += weight * target
    sum.weight += weight
  }
  return {source: sum.source / sum.weight, target: sum.target / sum.weight}
}

async function lengthsOf(
  config: ReproduceConfig,
  task: Task,
  tokensOf: (text: string) => number,
): Promise<MeanLengths> {
  const made = reproducePaths(config.out).made(task.name, 'train')
  const isMade = config.make[task.name] !== undefined && existsSync(made)
  const data = isMade ? made : config.data[task.name]?.train
  let rows = 0
  const sum = {source: 0, target: 0}
  try {
    for await (const result of readSamples(task, {split: 'train', data, limit: SAMPLED})) {
      if (result.kind === 'bad') continue
      const {fields, references} = result.row
      rows++
      sum.source += tokensOf([task.prompt.template, ...Object.values(fields)].join(' '))
      sum.target += 1 + tokensOf(references[0] ?? task.noAnswer ?? '')
    }
  } catch (error) {
    if (!(error instanceof SlmError)) throw error
    return ASSUMED
  }
  return rows === 0 ? ASSUMED : {source: sum.source / rows, target: sum.target / rows}
}
