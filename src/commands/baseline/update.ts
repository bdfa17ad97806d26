import {string as argument} from '@oclif/core/args'
import {boolean, string} from '@oclif/core/flags'
import {BaseCommand} from '../../cli/base-command.ts'
import type {UpdatedBaseline} from '../../gate/save-baseline.ts'

export default class BaselineUpdate extends BaseCommand {
  static override summary = 'Replace a baseline by another run, and say what moves.'
  static override description =
    'Answers are kept when the file kept them. A run that lacks a task of the baseline is refused unless --drop-tasks is given.'
  static override examples = ['<%= config.bin %> baseline update baseline.json --run results/NEW']
  static override args = {file: argument({description: 'baseline file', required: true})}
  static override flags = {
    run: string({char: 'r', description: 'finished run folder', required: true, helpValue: '<folder>'}),
    'drop-tasks': boolean({description: 'forget tasks that the run does not have'}),
  }

  async run(): Promise<UpdatedBaseline> {
    const {args, flags} = await this.parse(BaselineUpdate)
    const [{updateBaseline}, {oneLine}, {withoutCommands}] = await Promise.all([
      import('../../gate/save-baseline.ts'),
      import('../../report/page.ts'),
      import('../../gate/github.ts'),
    ])
    const updated = await updateBaseline(args.file, flags.run, {mayDropTasks: flags['drop-tasks']})
    const {moves} = updated
    this.print(withoutCommands(oneLine(`${args.file}: ${moves.length === 0 ? 'nothing moves' : 'updated'}`)))
    for (const move of moves) this.print(withoutCommands(`  ${oneLine(move)}`))
    return updated
  }
}
