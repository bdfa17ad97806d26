import {string as argument} from '@oclif/core/args'
import {boolean, string} from '@oclif/core/flags'
import {BaseCommand} from '../cli/base-command.ts'

export default class Merge extends BaseCommand {
  static override summary = 'Join the shards of one evaluation into one run folder.'
  static override description =
    'The merged folder equals that of an unsharded run byte for byte, timing and machine apart. Shards of different plans are refused, missing ones named.'
  static override examples = ['<%= config.bin %> merge shard-1 shard-2 shard-3 shard-4 --out results/whole']
  static override strict = false
  static override args = {folders: argument({description: 'run folders made with --shard', required: true})}
  static override flags = {
    out: string({char: 'o', description: 'the merged run folder', required: true, helpValue: '<folder>'}),
    'allow-partial': boolean({
      description: 'merge without missing or unfinished shards; marked as inconclusive',
    }),
  }

  async run(): Promise<unknown> {
    const {flags, argv} = await this.parse(Merge)
    const [{mergeRuns}, {runPage}, {terminal}] = await Promise.all([
      import('../eval/merge-runs.ts'),
      import('../cli/run-page.ts'),
      import('../report/terminal.ts'),
    ])
    const run = await mergeRuns(argv.map(String), flags.out, {allowPartial: flags['allow-partial']})
    this.print(terminal(runPage(run)).trimEnd())
    return {folder: run.folder, ...run.summary}
  }
}
