import {z} from 'zod'
import type {EvalConfig} from '../config/eval-config.ts'
import {readCheckpointConfig} from '../engine/checkpoint-config.ts'
import type {Architecture} from '../engine/language-model.ts'
import {SlmError} from '../errors.ts'
import {resolveModel} from '../inference/resolve-model.ts'
import {shippedCheckpoints} from '../inference/shipped-checkpoints.ts'
import {loadTask} from '../tasks/load-task.ts'
import {type EvaluateOptions, evaluate} from './evaluate.ts'
import {tasksOverFailedShare} from './failed-share.ts'

/** A model that could not be evaluated, and why. */
export interface ModelFailure {
  readonly model: string
  readonly why: string
  readonly hint: string | undefined
}

export interface EvaluateModelsOptions extends EvaluateOptions {
  readonly onFailure: (failure: ModelFailure) => void
}

export interface EvaluatedModels {
  /** Run folders, in the order of the models that were evaluated. */
  readonly folders: readonly string[]
  readonly failures: readonly ModelFailure[]
  /** Runs in which a larger share of samples failed than was allowed. */
  readonly overFailedShare: readonly string[]
}

/**
 * Evaluates one model after the other, each as `evaluate` does: what is done already is only read. A model that cannot be
 * opened or used does not stop the others; a task that cannot be read stops all, because it would fail for each of them.
 */
export async function evaluateModels(
  configs: readonly EvalConfig[],
  options: EvaluateModelsOptions,
): Promise<EvaluatedModels> {
  const folders: string[] = []
  const failures: ModelFailure[] = []
  const overFailedShare: string[] = []
  for (const config of configs) {
    let hasTasks = false
    const onEvent: EvaluateOptions['onEvent'] = (event) => {
      // Tasks are opened before the model.
      if (event.kind === 'opening') hasTasks = true
      options.onEvent(event)
    }
    try {
      const {folder, summary} = await evaluate(config, {...options, onEvent})
      folders.push(folder)
      if (tasksOverFailedShare(summary, config.maxFailedShare).length > 0) overFailedShare.push(folder)
    } catch (error) {
      if (!(error instanceof SlmError) || !hasTasks || options.signal.aborted) throw error
      const failure = {model: config.model, why: error.message, hint: error.hint}
      failures.push(failure)
      options.onFailure(failure)
    }
  }
  return {folders, failures, overFailedShare}
}

/**
 * The shipped checkpoints that a comparison of these tasks is about: of each architecture those that learned all of the
 * tasks; where none did, the untrained ones, so that there is something to look at.
 */
export async function shippedModels(
  archs: readonly Architecture[],
  tasks: readonly string[],
): Promise<string[]> {
  const shipped: {name: string; architecture: Architecture; learned: readonly string[] | undefined}[] = []
  for (const name of await shippedCheckpoints()) {
    const architecture = await architectureOf(name)
    if (architecture !== undefined) shipped.push({name, architecture, learned: await tasksLearnedBy(name)})
  }
  const chosen = archs.flatMap((arch) => {
    const own = shipped.filter(({architecture}) => architecture === arch)
    const able = own.filter(({learned}) => tasks.every((task) => learned?.includes(task)))
    return able.length > 0 ? able : own.filter(({learned}) => learned === undefined)
  })
  return chosen.map(({name}) => name)
}

/** The tasks that a checkpoint of this program was trained on; undefined where its config.json names none. */
async function tasksLearnedBy(name: string): Promise<readonly string[] | undefined> {
  const {folder} = await resolveModel(name, () => Promise.reject(new SlmError('model-remote', name)))
  const about = learnedSchema.safeParse((await readCheckpointConfig(folder)).model?.['slm'])
  return about.success ? about.data.tasks : undefined
}

const learnedSchema = z.looseObject({untrained: z.literal(false), tasks: z.array(z.string())})

/** What the configuration on this machine says of a model; undefined where it says nothing, or lies on the hub. */
export async function architectureOf(model: string): Promise<Architecture | undefined> {
  try {
    const {folder} = await resolveModel(model, () => Promise.reject(new SlmError('model-remote', model)))
    const {model: config} = await readCheckpointConfig(folder)
    if (config === undefined) return undefined
    return config.is_encoder_decoder === true ? 'enc-dec' : 'dec-only'
  } catch (error) {
    if (error instanceof SlmError) return undefined
    throw error
  }
}

/** Tasks by name, where some were given as YAML files. */
export async function namesOfTasks(tasks: readonly string[]): Promise<string[]> {
  const names: string[] = []
  for (const task of tasks) names.push(/\.ya?ml$/.test(task) ? (await loadTask(task)).name : task)
  return names
}
