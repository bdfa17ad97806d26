import {z} from 'zod'
import {digestOf} from '../config/canonical-json.ts'
import type {ReproduceConfig} from '../config/reproduce-config.ts'
import {dataDigest} from '../data/file-digest.ts'
import {loadTask} from '../tasks/load-task.ts'
import {locateData} from '../tasks/locate-data.ts'
import type {Task} from '../tasks/task.ts'
import {reproducePaths} from './reproduce-paths.ts'
import type {Step} from './step.ts'

export interface DataPlan {
  /** Makes and downloads. */
  readonly steps: readonly Step[]
  /** Named test files by task. */
  readonly tested: Readonly<Record<string, string>>
  /** Digest of every file that was named, by task and part. */
  readonly named: Readonly<Record<string, string>>
}

/** The data of all tasks: what is made, what is downloaded, and the digests of what was named. Errors: `data-missing`. */
export async function dataSteps(config: ReproduceConfig): Promise<DataPlan> {
  const steps: Step[] = []
  const tested: Record<string, string> = {}
  const named: Record<string, string> = {}
  for (const name of config.tasks) {
    const task = await loadTask(name)
    const files = config.data[name] ?? {}
    for (const [part, data] of Object.entries(files)) {
      if (data === undefined) continue
      named[`${name} ${part}`] = await dataDigest((await locateData(task, {data})).files)
      if (part === 'test') tested[name] = data
    }
    steps.push(...madeSteps(config, name), ...pulledSteps(config, task, name, files))
  }
  return {steps, tested, named}
}

function madeSteps({make, dataSeed, out}: ReproduceConfig, task: string): readonly Step[] {
  const made = make[task]
  if (made === undefined) return []
  const {easy, ...train} = made
  const parts = [{part: 'train' as const, wish: train, seed: dataSeed}]
  // Another seed, so that an easy passage is not the beginning of a later one.
  const easier = easy === undefined ? [] : [{part: 'easy' as const, wish: easy, seed: dataSeed + 1}]
  return [...parts, ...easier].map(({part, wish, seed}): Step => {
    const file = reproducePaths(out).made(task, part)
    const {rows, questions, facts} = wish
    const words = [
      ...['data', 'make', task, '--rows', String(rows), '--seed', String(seed)],
      ...(questions === undefined ? [] : ['--questions', questions]),
      ...(facts === undefined ? [] : ['--facts', facts]),
      ...['--out', file, '--force'],
    ]
    return {
      id: `data/${task}-${part}`,
      kind: 'data',
      needs: [],
      settings: digestOf({task, wish, seed}),
      words: () => Promise.resolve(words),
      outputs: [file],
    }
  })
}

/** Downloads of the splits that are trained on, chosen by and tested on, unless files were named. */
function pulledSteps(
  config: ReproduceConfig,
  task: Task,
  name: string,
  files: NonNullable<ReproduceConfig['data'][string]>,
): readonly Step[] {
  if (task.source.kind !== 'url' && task.source.kind !== 'hub') return []
  const splits = new Set([
    ...(files.train === undefined ? ['train'] : []),
    ...(files.valid === undefined ? [validSplit(config, name)] : []),
    ...(files.test === undefined ? [task.source.split] : []),
  ])
  return [...splits].map((split): Step => {
    const words = ['data', 'pull', name, '--split', split]
    return {
      id: `data/${name}-${split}`,
      kind: 'data',
      needs: [],
      settings: digestOf({source: task.source, split}),
      words: () => Promise.resolve(words),
      outputs: [],
    }
  })
}

const splitsSchema = z.object({split: z.union([z.string(), z.record(z.string(), z.string())]).default('dev')})

/** The split by which trainings choose their best weights, as their configuration names it. */
function validSplit({training}: ReproduceConfig, task: string): string {
  const {split} = splitsSchema.parse(training['evaluation'] ?? {})
  return typeof split === 'string' ? split : (split[task] ?? 'dev')
}
