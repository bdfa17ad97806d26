import {type CompareConfig, comparedTasks, evaluationOf} from '../config/compare-config.ts'
import {SlmError} from '../errors.ts'
import {architectureOf, evaluateModels, namesOfTasks, shippedModels} from '../eval/evaluate-models.ts'
import type {FailedModel} from '../report/rows.ts'
import {withProgress} from './run-events.ts'

export interface ComparedModels {
  readonly folders: readonly string[]
  readonly failed: readonly FailedModel[]
  /** Runs in which more samples failed than was allowed. */
  readonly overFailedShare: readonly string[]
}

/** Runs what is missing of a comparison's models; a model that cannot be run is told at once on stderr. */
export async function runComparedModels(config: CompareConfig, isQuiet: boolean): Promise<ComparedModels> {
  const tasks = await namesOfTasks(comparedTasks(config))
  const models = await modelsOf(config, tasks)
  const {folders, failures, overFailedShare} = await withProgress({isQuiet}, (listener) =>
    evaluateModels(
      models.map((model) => evaluationOf(config, model)),
      {
        ...listener,
        resultsDir: config.results,
        onFailure: ({model, why, hint}) =>
          process.stderr.write(
            `slm: ${model} is left out: ${why}\n${hint === undefined ? '' : `  ${hint}\n`}`,
          ),
      },
    ),
  )
  const failed: FailedModel[] = []
  for (const {model, why} of failures) {
    const architecture = (await architectureOf(model)) ?? 'not stated'
    failed.push({name: model, architecture, tasks, why})
  }
  return {folders, failed, overFailedShare}
}

async function modelsOf(
  {models, archs}: CompareConfig,
  tasks: readonly string[],
): Promise<readonly string[]> {
  if (models === undefined) {
    const shipped = await shippedModels(archs, tasks)
    if (shipped.length > 0) return shipped
    throw new SlmError('nothing-to-compare', `no checkpoint of ${archs.join(' or ')} is shipped here`, {
      hint: 'Name checkpoints with --models A,B, or run folders with --runs DIR DIR.',
    })
  }
  for (const model of models) {
    const architecture = await architectureOf(model)
    if (architecture !== undefined && !archs.includes(architecture))
      throw new SlmError(
        'architecture-not-asked',
        `${model} is ${architecture}, and --archs names ${archs.join(', ')}`,
        {hint: `Leave it out of --models, or add ${architecture} to --archs.`},
      )
  }
  return models
}
