import {BaseCommand} from '../../cli/base-command.ts'
import type {KnownSet} from '../../tasks/known-sets.ts'

export default class DataList extends BaseCommand {
  static override summary =
    'List the data sets: where they come from, their licences, and what is on this machine.'
  static override examples = ['<%= config.bin %> data list', '<%= config.bin %> data list --json']

  async run(): Promise<{readonly cacheFolder: string; readonly sets: readonly KnownSet[]}> {
    await this.parse(DataList)
    const [{knownSets}, {cacheFolderFromEnvironment}] = await Promise.all([
      import('../../tasks/known-sets.ts'),
      import('../../data/cache-folder.ts'),
    ])
    const cacheFolder = cacheFolderFromEnvironment()
    const sets = await knownSets(cacheFolder)
    this.print(`cache: ${cacheFolder} (SLM_CACHE names another folder)`)
    for (const set of sets) this.print(`\n${page(set)}`)
    return {cacheFolder, sets}
  }
}

function page({set, tasks, origin, licence, splits}: KnownSet): string {
  return [
    `${set} (${tasks.join(', ')})`,
    `  from     ${origin}`,
    `  licence  ${licence}`,
    ...splits.flatMap(({split, state}) => {
      if (state.kind === 'missing') return [`  ${split.padEnd(10)} not here: ${state.command}`]
      const from =
        state.kind === 'shipped' ? 'with the program' : `pulled at ${state.commit ?? state.revision}`
      return [
        `  ${split.padEnd(10)} ${from}`,
        ...state.files.map(
          ({path, bytes, sha256}) => `    ${path}  ${bytes.toLocaleString('en')} bytes  sha256 ${sha256}`,
        ),
      ]
    }),
  ].join('\n')
}
