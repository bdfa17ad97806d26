import {BaseCommand} from '../../cli/base-command.ts'
import type {Inspection} from '../../engine/inspect-checkpoint.ts'

type ListedModel = Pick<Inspection, 'name' | 'architecture' | 'parameters' | 'dtypes' | 'training'>

export default class ModelList extends BaseCommand {
  static override summary = 'List the checkpoints that come with the program.'
  static override description =
    'Any of these names goes where a command asks for a model; so do folders and hub ids.'
  static override examples = ['<%= config.bin %> model list', '<%= config.bin %> model list --json']

  async run(): Promise<{models: readonly ListedModel[]}> {
    await this.parse(ModelList)
    const [{inspectCheckpoint}, {shippedNames}, {resolveModel}] = await Promise.all([
      import('../../engine/inspect-checkpoint.ts'),
      import('../../inference/shipped-checkpoints.ts'),
      import('../../inference/resolve-model.ts'),
    ])
    const models: ListedModel[] = []
    for (const shipped of await shippedNames()) {
      const {name, architecture, parameters, dtypes, training} = await inspectCheckpoint(
        await resolveModel(shipped),
      )
      models.push({name, architecture, parameters, dtypes, training})
    }
    const width = Math.max(0, ...models.map(({name}) => name.length))
    for (const {name, architecture, parameters, dtypes, training} of models) {
      const trained = typeof training === 'object' ? training.missing : training
      this.print(
        `${name.padEnd(width)}  ${architecture.padEnd(8)}  ${parameters.toLocaleString('en')} parameters  ${dtypes.join(' ')}  ${trained}`,
      )
    }
    if (models.length === 0) this.print('No checkpoints come with this build.')
    return {models}
  }
}
