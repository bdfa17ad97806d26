import {join} from 'node:path'
import {digestOf} from '../config/canonical-json.ts'
import type {ReproduceConfig} from '../config/reproduce-config.ts'
import {loadTask} from '../tasks/load-task.ts'
import {locateData} from '../tasks/locate-data.ts'
import type {DataPlan} from './data-steps.ts'
import {reproducePaths} from './reproduce-paths.ts'
import type {Step} from './step.ts'

/**
 * The tokenizer learns from named training files and from the tasks' own training rows, not from the many made rows: those
 * would teach it whole names, and a model that finds a name in one token need not learn to copy its pieces.
 */
export async function tokenizerStep(config: ReproduceConfig, {steps, named}: DataPlan): Promise<Step> {
  const {tasks, tokenizer, out} = config
  const folder = reproducePaths(out).tokenizer
  const loaded = await Promise.all(tasks.map((name) => loadTask(name)))
  const columns = new Set(
    loaded
      .flatMap((task) => [...Object.values(task.columns.fields), task.columns.references])
      .flat()
      .map((path) => path.split('.')[0] ?? path),
  )
  const words = async (): Promise<readonly string[]> => {
    const files: string[] = []
    for (const task of loaded) {
      const data = config.data[task.name]?.train
      const {files: found} = await locateData(task, data === undefined ? {split: 'train'} : {data})
      files.push(...(found.kind === 'pairs' ? found.files.map(({path}) => path) : found.paths))
    }
    const texts = ['--data', ...files, '--columns', [...columns].join(',')]
    return ['model', 'tokenizer', ...texts, '--size', String(tokenizer.size), '--out', folder]
  }
  return {
    id: 'tokenizer',
    kind: 'tokenizer',
    needs: steps.map(({id}) => id),
    settings: digestOf({tasks, tokenizer, named, inputs: steps.map(({settings}) => settings)}),
    words,
    outputs: [join(folder, 'tokenizer.json'), join(folder, 'tokenizer_config.json')],
  }
}
