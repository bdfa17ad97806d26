import {z} from 'zod'
import {digestOf} from '../config/canonical-json.ts'
import type {ReproduceConfig} from '../config/reproduce-config.ts'
import {dataDigest} from '../data/file-digest.ts'
import {SlmError} from '../errors.ts'
import {loadTask} from '../tasks/load-task.ts'
import {locateData} from '../tasks/locate-data.ts'
import type {Task} from '../tasks/task.ts'
import {reproducePaths} from './reproduce-paths.ts'
import type {Step} from './step.ts'

export interface DataPlan {
  /** Makes and downloads. */
  readonly steps: readonly Step[]
  /** Digest of every file that was named, by task and part. */
  readonly named: Readonly<Record<string, string>>
}

/** The data of all tasks: what is made, what is downloaded, and the digests of what was named. Errors: `data-missing`. */
export async function dataSteps(config: ReproduceConfig): Promise<DataPlan> {
  const steps: Step[] = []
  const named: Record<string, string> = {}
  const tasks = await Promise.all(config.tasks.map((task) => loadTask(task)))
  checkNames(config, tasks)
  for (const task of tasks) {
    const {name} = task
    const files = config.data[name] ?? {}
    for (const [part, data] of Object.entries(files)) {
      if (data === undefined) continue
      named[`${name} ${part}`] = await dataDigest((await locateData(task, {data})).files)
    }
    steps.push(...madeSteps(config, name), ...pulledSteps(config, task, name, files))
  }
  return {steps, named}
}

/** What is said of a task that is not learned would do nothing, so it is refused. */
function checkNames({data, make}: ReproduceConfig, tasks: readonly Task[]): void {
  for (const name of [...Object.keys(data), ...Object.keys(make)])
    if (!tasks.some((task) => task.name === name))
      throw new SlmError('config-invalid', `${name} has data and is none of the tasks`, {
        hint: `Tasks: ${tasks.map((task) => task.name).join(', ')}.`,
      })
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
